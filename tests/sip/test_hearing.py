"""Prompts are recognised as they come through a telephone line, and not taken for one another."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.sip import hearing
from tests.sip.hearing import Listening, next_heard
from tests.sip.sound import HZ, Sound, key_tones, read_wav, silence, tone


def through_g711(sound: Sound, gain: float = 1.0) -> Sound:
    """As mu-law with its 255 steps carries it."""
    loud = np.log1p(255 * np.abs(gain * sound)) / np.log(256)
    steps = np.sign(sound) * np.round(loud * 127) / 127
    heard: Sound = (np.sign(steps) * (256 ** np.abs(steps) - 1) / 255).astype(np.float32)
    return heard


def without_packets(sound: Sound, every: int) -> Sound:
    """One packet of 20 ms in `every` is lost, and nothing put in its place."""
    packets = np.split(sound, range(160, len(sound), 160))
    return np.concatenate([one for number, one in enumerate(packets) if number % every])


@pytest.mark.parametrize("gain", [0.1, 1.0])
def test_prompts_are_heard_in_their_order_however_loud(
    prompts: Mapping[str, Path], gain: float
) -> None:
    played = ["main", "closed", "key-2", "goodbye", "main"]
    sounds = [part for name in played for part in (silence(0.3), read_wav(prompts[name]))]
    heard = Listening(through_g711(np.concatenate(sounds), gain)).prompts(prompts)
    assert [one.name for one in heard] == played


def test_a_prompt_alone_is_taken_for_no_other(prompts: Mapping[str, Path]) -> None:
    for name, path in prompts.items():
        heard = Listening(through_g711(read_wav(path))).prompts(prompts)
        assert [one.name for one in heard] == [name]


def test_a_prompt_cut_by_a_key_is_heard_after_a_second_but_not_before(
    prompts: Mapping[str, Path],
) -> None:
    main = through_g711(read_wav(prompts["main"]))
    rest = read_wav(prompts["closed"])
    cut = np.concatenate([silence(1), main[: int(1.3 * HZ)], rest])
    first, second = Listening(cut).prompts(prompts)
    assert (first.name, second.name) == ("main", "closed")
    assert first.start_seconds == pytest.approx(1.0, abs=0.1)
    assert first.end_seconds == pytest.approx(2.3, abs=0.3)
    assert not Listening(main[: int(0.7 * HZ)]).prompts(prompts)


def test_a_prompt_whose_beginning_was_lost_is_heard(prompts: Mapping[str, Path]) -> None:
    late = through_g711(read_wav(prompts["welcome"]))[int(0.6 * HZ) :]
    assert [one.name for one in Listening(late).prompts(prompts)] == ["welcome"]


def test_a_prompt_with_lost_packets_is_heard(prompts: Mapping[str, Path]) -> None:
    gaps = without_packets(through_g711(read_wav(prompts["main"])), every=20)
    assert [one.name for one in Listening(gaps).prompts(prompts)] == ["main"]


def test_of_prompts_with_the_same_beginning_none_is_certain_before_they_differ(
    prompts: Mapping[str, Path],
) -> None:
    closed = through_g711(np.concatenate([read_wav(prompts["sales-closed"]), silence(1)]))
    same = int(0.8 * hearing.trimmed(read_wav(prompts["sales"])).size)
    for name in ("sales", "sales-closed"):
        begun = next_heard(closed[:same], name, prompts, since_seconds=0, over=False)
        assert begun is None
    assert next_heard(closed, "sales", prompts, since_seconds=0, over=False) is None
    assert next_heard(closed, "sales-closed", prompts, since_seconds=0, over=False)


def test_a_prompt_is_heard_again_only_when_it_is_played_again(
    prompts: Mapping[str, Path],
) -> None:
    main = through_g711(read_wav(prompts["main"]))
    once, twice = main, np.concatenate([main, main])
    first = next_heard(once, "main", prompts, since_seconds=0, over=False)
    assert first
    assert not next_heard(once, "main", prompts, since_seconds=1.0, over=True)
    again = next_heard(twice, "main", prompts, since_seconds=1.0, over=True)
    assert again and again.start_seconds == pytest.approx(len(main) / HZ, abs=0.1)


def test_the_longest_silence_is_measured() -> None:
    sound = np.concatenate([silence(0.5), tone(300), silence(2.0), tone(300, 0.2), silence(1.0)])
    assert hearing.longest_silence_seconds(sound) == pytest.approx(2.0, abs=0.05)
    assert hearing.longest_silence_seconds(tone(300)) == 0


def test_a_tone_is_told_from_speech_and_from_another_tone(prompts: Mapping[str, Path]) -> None:
    sound = through_g711(np.concatenate([read_wav(prompts["main"]), tone(700), key_tones("5")]))
    assert hearing.tone_seconds(sound, 700) == pytest.approx(1.0, abs=0.2)
    assert hearing.tone_seconds(sound, 800) == 0
