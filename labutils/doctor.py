"""Is this machine fit for the labs? Each thing is really tried, not only looked up."""
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements.txt"
MODULES = {"scikit-learn": "sklearn"}
GIGABYTES = 2


def examine():
    """Try everything; yields (what, whether it is fine, what to say of it)."""
    yield "Python", sys.version_info >= (3, 11), f"{sys.version.split()[0]}" + ("" if sys.version_info >= (3, 11) else "; 3.11 or newer is needed")
    for name, least in requirements():
        yield name, *_package(name, least)
    yield "a kernel", *_tried(_kernel, f"{sys.executable} -m pip install --force-reinstall ipykernel")
    yield "a plot", *_tried(_plot, f"{sys.executable} -m pip install --force-reinstall matplotlib")
    yield "memory", *_memory()
    yield "this folder", *_folder()


def requirements():
    """(package, lowest version) as requirements.txt has them."""
    text = REQUIREMENTS.read_text(encoding="utf-8") if REQUIREMENTS.exists() else \
        "\n".join(r.split(";")[0] for r in importlib.metadata.requires("labutils") or [] if "extra" not in r)
    return re.findall(r"^([\w-]+)>=([\d.]+)", text, re.MULTILINE)


def _package(name, least):
    mend = f'{sys.executable} -m pip install "{name}>={least}"'
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False, f"missing; run  {mend}"
    if name not in ("jupyter", "nbval"):  # these have nothing to import
        tried = subprocess.run([sys.executable, "-c", f"import {MODULES.get(name, name)}"], capture_output=True, text=True)
        if tried.returncode:
            why = (tried.stderr.strip().splitlines() or ["it crashed"])[-1]
            return False, f"is installed but does not load ({why}); run  {mend} --force-reinstall"
    numbers = [tuple(int(n) for n in re.findall(r"\d+", v)[:3]) for v in (version, least)]
    return (True, version) if numbers[0] >= numbers[1] else (False, f"{version}, {least} or newer is needed; run  {mend}")


def _tried(attempt, mend):
    try:
        return True, attempt()
    except Exception as error:
        return False, f"{type(error).__name__}: {error}; run  {mend}"


def _kernel():
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=60, stderr=subprocess.DEVNULL)
    try:
        reply = client.execute_interactive("assert 6 * 7 == 42", timeout=30)
        if reply["content"]["status"] != "ok":
            raise RuntimeError("the kernel starts but does not compute")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return "starts and computes"


def _plot():
    from matplotlib.figure import Figure

    figure = Figure()
    figure.add_subplot().plot([0, 1], [0, 1])
    with tempfile.TemporaryFile() as file:
        figure.savefig(file, format="png")
        return f"draws ({file.tell() // 1000} kB)"


def _memory():
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) / 1e6
    except (OSError, StopIteration):
        return True, "cannot be measured on this system"
    return free >= GIGABYTES, f"{free:.1f} GB free" + ("" if free >= GIGABYTES else f"; {GIGABYTES} GB are needed: close other programs")


def _folder():
    try:
        with tempfile.NamedTemporaryFile(dir="."):
            free = shutil.disk_usage(".").free / 1e9
    except OSError as error:
        return False, f"cannot be written to ({error.strerror}): work in a folder of your own"
    return free >= 0.5, f"can be written to, {free:.0f} GB free"
