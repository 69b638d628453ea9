"""Lab 06b: tunes read, judged, heard, saved; what its graders must know by name."""
import wave

import numpy as np
import pytest

from labutils import LabError, music
from labutils.course import Lab

JIG = "M:6/8\nL:1/8\nK:D\nA|dcd A2F|DFA d3|(3efg f2 e>d c|d3 d2:|"


def test_bars_of_hand_made_tunes():
    tune = music.read(JIG)
    assert tune.right == [True, True, False] and not tune.faults  # the triplet bar is too long; upbeat and last bar do not count
    assert music.read("M:6/8\nL:1/8\nK:D\ndcd A2F|DFA d2|d3 d3|d3 d3|").right == [True, False, True, True]
    assert music.read("M:2/4\nL:1/16\nK:G\n(3gab ge d2B2|G3A B>cd/e/f|g4 g4|g2g2 z4|").whole


def test_notes_know_key_signs_and_lengths():
    notes = music.read("M:6/8\nL:1/8\nK:D\nFc ^GG =c2|G3/2A/4G/4 f>e z|").notes
    assert [n.pitch for n in notes] == [66, 73, 68, 68, 72, 67, 69, 67, 78, 76]
    assert [n.length for n in notes] == [0.5, 0.5, 0.5, 0.5, 1, 0.75, 0.125, 0.125, 0.75, 0.25]


def test_a_broken_tune_says_where_and_the_rest_still_plays():
    tune = music.read("M:6/8\nL:1/8\nK:D\nDFA d2f|e1K cAG|A3 d3|A3 d3|")
    assert tune.faults == ["Bar 2, character 11 of the notes: 'K' means nothing there."]
    assert tune.right == [True, False, True, True] and len(tune.notes) == 13 and not tune.whole
    assert len(music.sound(tune)) > music.RATE
    for text in ("", "|||", "M:x\nK:?\n><(3", "abc", "M:6/8\nL:0/8\nK:D\nA0//0|"):
        assert isinstance(music.read(text).faults, list)
    assert "nothing to hear" in str(pytest.raises(LabError, music.hear, "M:6/8\nL:1/8\nK:D\n|").value)


def test_the_sound_has_the_pitch_and_length_of_its_notes():
    samples = music.sound("M:4/4\nL:1/1\nK:C\nA")  # four quarters of 440 Hz
    assert abs(len(samples) / music.RATE - (4 * 60 / music.QUARTERS_A_MINUTE + 0.4)) < 0.01
    spectrum = np.abs(np.fft.rfft(samples))
    assert abs(spectrum.argmax() * music.RATE / len(samples) - 440) < 2
    assert np.abs(samples).max() <= 1 and len(music.sound(JIG * 3, seconds=2)) == 2 * music.RATE
    assert np.abs(samples[:2000]).max() > 4 * np.abs(samples[-6000:-4500]).max()  # it decays


def test_what_is_saved_can_be_read_again(tmp_path):
    for ending in ("abc", "mid", "wav"):
        music.save(JIG, tmp_path / f"tune.{ending}")
    text = (tmp_path / "tune.abc").read_text()
    assert [n.pitch for n in music.read(text.split("\n", 2)[2]).notes] == [n.pitch for n in music.read(JIG).notes]
    from music21 import converter

    notes = converter.parse(tmp_path / "tune.mid").stripTies().flatten().notes  # ties over the bars that music21 assumes
    assert [n.pitch.midi for n in notes] == [n.pitch for n in music.read(JIG).notes]
    with wave.open(str(tmp_path / "tune.wav")) as file:
        assert file.getframerate() == music.RATE and file.getnframes() > music.RATE
    assert ".abc, .mid or .wav" in str(pytest.raises(LabError, music.save, JIG, tmp_path / "tune.mp3").value)


def test_families_are_never_divided():
    train, test = music.load_tunes()
    source = "\n\n".join(train)
    assert len(train) > 600 and len(test) > 20 and not set(train) & set(test)
    assert music.judge(test, source)["copies"] == 0
    runs = {t.split("\n")[3][s:s + music.COPY] for t in train for s in range(max(len(t.split("\n")[3]) - music.COPY + 1, 0))}
    assert not any(t.split("\n")[3][s:s + music.COPY] in runs for t in test for s in range(len(t.split("\n")[3]) - music.COPY + 1))


def test_real_tunes_add_up_and_shuffled_ones_do_not():
    _, test = music.load_tunes()
    rng = np.random.default_rng(0)
    assert music.judge(test)["bars"] > 0.95 and music.judge([music.shuffled(t, rng) for t in test])["bars"] < 0.15
    assert music.copies(test[0], test[0] + "\n\n")


def test_another_collection_from_a_file(tmp_path):
    file = tmp_path / "mine.abc"
    bodies = ('{g}G2 "D"A (Bcd)|efg agf|~e3 dBA|G3 G3|gfe dcB|A3 !trill!D3||', "DED FED|A3 d3|f2e d2c|B3 A3|BAB d2B|AFD E3|D3 D3||", "zAB cde|fga baf|e3 c3|A3 B3|cde "
    "fed|c3 A3||")
    file.write_text("\n\n".join(f"X:{i}\nT:Tune {i}\nM:6/8\nL:1/8\nK:G\n{b}" for i, b in enumerate(bodies)))
    train, test = music.load_tunes(file)
    assert len(train) + len(test) == 3 and all(music.read(t).whole for t in train + test)
    assert not set("".join(train + test)) & set("{}\"!~()")
    assert "no file" in str(pytest.raises(LabError, music.load_tunes, tmp_path / "none.abc").value)
    file.write_text("X:1\nnothing")
    assert "not two tunes" in str(pytest.raises(LabError, music.load_tunes, file).value)


@pytest.fixture(scope="module")
def lab():
    return Lab("06b", quiet=True)


@pytest.mark.parametrize("edit, words", [
    ((("rng.integers(0, len(sequence) - seq_length, batch_size)", "[0] * batch_size"),), "same place"),
    ((("rng.integers(0, len(sequence) - seq_length, batch_size)", "[rng.integers(0, len(sequence) - seq_length)] * batch_size"),), "one place was drawn for all"),
    ((("sequence[s + 1:s + 1 + seq_length]", "sequence[s:s + seq_length]"),), "targets equal the inputs"),
    ((("len(sequence) - seq_length, batch_size", "len(sequence), batch_size"), ("sequence[s:s + seq_length]", "np.roll(sequence, -s)[:seq_length]"),
      ("sequence[s + 1:s + 1 + seq_length]", "np.roll(sequence, -s - 1)[:seq_length]")), "runs over the end")])
def test_catches_of_the_syllabus(lab, edit, words):
    from labutils.diagnosis import edited

    report = lab.grade("get_batch", edited(lab.exercise("get_batch"), list(edit), words))
    assert not report.passed and words in str(report)


def test_a_memory_reads_on_where_it_ended(lab):
    import keras

    from labutils.stepping import Memory

    ids = np.random.default_rng(0).integers(0, 6, (2, 60))
    for cell in ("lstm", "gru"):
        model = lab.references["build_music_model"](6, 3, 5, cell)
        hidden = keras.Sequential([keras.layers.Lambda(lambda x, model=model: model(x))])  # no chain of layers to walk
        for net in (model, hidden):
            memory = Memory(net)
            pieces = np.concatenate([memory(ids[:, :1]), memory(ids[:, 1:50]), memory(ids[:, 50:])], axis=1)
            assert np.allclose(pieces, np.asarray(model(ids)), atol=1e-4)
        assert Memory(model).walks
