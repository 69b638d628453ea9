"""Datasets and figures."""
import numpy as np
import pytest
from PIL import Image

from labutils import LabError
from labutils.authoring import figures
from labutils.datasets import load_own_images, load_photo_patches
from labutils.workspace import ROOT


def test_photo_patches():
    X, Y, X_test, Y_test = load_photo_patches()
    assert X.shape == (209, 32, 32, 3) and X_test.shape == (600, 32, 32, 3) and X.dtype == np.uint8
    assert Y.shape == (1, 209) and Y_test.shape == (1, 600) and Y.sum() == 104 and Y_test.sum() == 300
    again = load_photo_patches()
    assert np.array_equal(X, again[0]) and not np.array_equal(X, load_photo_patches(seed=1)[0])


def test_training_and_test_patches_share_no_pixel(monkeypatch):
    """On photographs whose pixels hold their own column, every training pixel lies left of every test pixel."""
    import sklearn.datasets

    columns = np.tile(np.arange(640) * 255 // 639, (427, 1))
    photo = np.repeat(columns[..., None], 3, axis=2).astype(np.uint8)
    monkeypatch.setattr(sklearn.datasets, "load_sample_images", lambda: type("Photos", (), {"images": [photo, photo]}))
    X, _, X_test, _ = load_photo_patches()
    assert X.max() <= X_test.min()


def picture(path, size=(40, 30), colour=(200, 10, 10)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)


def test_own_images_from_a_folder(tmp_path):
    for i in range(3):
        picture(tmp_path / "own" / "cats" / f"{i}.png")
        picture(tmp_path / "own" / "dogs" / f"{i}.jpg", colour=(0, 0, 255))
    images, labels, kinds = load_own_images(tmp_path / "own")
    assert images.shape == (6, 32, 32, 3) and labels.tolist() == [[0, 0, 0, 1, 1, 1]] and kinds == ["cats", "dogs"]
    assert images[0, 0, 0].tolist() == [200, 10, 10]


def test_own_images_from_npz(tmp_path):
    np.savez(tmp_path / "own.npz", images=np.full((4, 20, 20, 3), 0.5), labels=[0, 1, 1, 0])
    images, labels, _ = load_own_images(tmp_path / "own.npz")
    assert images.shape == (4, 32, 32, 3) and images[0, 0, 0, 0] == 127 and labels.tolist() == [[0, 1, 1, 0]]


@pytest.mark.parametrize("arrays, words", [
    ({"images": np.zeros((2, 8, 8)), "labels": [0, 1]}, "(2, 8, 8); (m, h, w, 3) is wanted"), ({"images": np.zeros((2, 8, 8, 3))}, "no array named labels"),
    ({"images": np.zeros((2, 8, 8, 3)), "labels": [0, 1, 1]}, "2 images but 3 labels"), ({"images": np.zeros((2, 8, 8, 3)), "labels": [1, 2]}, "zeros and ones")])
def test_a_bad_npz(tmp_path, arrays, words):
    np.savez(tmp_path / "own.npz", **arrays)
    with pytest.raises(LabError) as error:
        load_own_images(tmp_path / "own.npz")
    assert words in str(error.value) and "own.npz" in str(error.value)


def test_bad_folders(tmp_path):
    with pytest.raises(LabError, match="There is no"):
        load_own_images(tmp_path / "nowhere")
    picture(tmp_path / "own" / "cats" / "1.png")
    with pytest.raises(LabError, match="holds 1 folders, two are wanted"):
        load_own_images(tmp_path / "own")
    (tmp_path / "own" / "dogs").mkdir()
    with pytest.raises(LabError, match="holds no images"):
        load_own_images(tmp_path / "own")
    (tmp_path / "own" / "dogs" / "1.png").write_text("no image")
    with pytest.raises(LabError, match="1.png cannot be read as an image"):
        load_own_images(tmp_path / "own")
    (tmp_path / "bad.npz").write_text("no arrays")
    with pytest.raises(LabError, match="cannot be read as an .npz"):
        load_own_images(tmp_path / "bad.npz")


@pytest.mark.parametrize("figure", [f for _, f in figures.all_figures()], ids=lambda f: f.__name__)
def test_figures_are_what_their_code_draws(figure, tmp_path):
    figures.draw(figure, tmp_path)
    name = figure.__name__
    new, kept = (np.asarray(Image.open(folder / f"{name}.png").convert("L"), float) for folder in (tmp_path, ROOT / "img"))
    assert new.shape == kept.shape and np.abs(new - kept).mean() < 3  # fonts differ a little between versions of matplotlib
    assert (tmp_path / f"{name}.txt").read_text() == (ROOT / "img" / f"{name}.txt").read_text()


def test_every_figure_of_the_notes_has_one_in_its_place():
    theirs = {name for names in figures.IN_THE_NOTES.values() for name in names.split(", ")}
    wanted = [("rnn", 1, 10), ("cnn", 1, 9), ("inception", 1, 2), ("gm", 1, 11), ("vae", 2, 3), ("gans", 1, 3)]
    assert theirs == {"cnn_notions", *(f"{kind}{i}" for kind, first, last in wanted for i in range(first, last + 1))}
    assert set(figures.IN_THE_NOTES) <= {figure.__name__ for _, figure in figures.all_figures()}
