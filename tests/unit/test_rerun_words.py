"""What is said of files that are served with another ETag than when they were read."""

from gossan.run.rerun import _served


def test_only_files_asked_both_times_are_compared() -> None:
    then = {"S2A_1": {"red": '"a"', "nir": '"b"', "scl": '"c"'}}
    now = {"S2A_1": {"red": '"z"', "nir": '"b"'}, "S2A_2": {"red": '"q"'}}
    assert _served(then, now) == "; 1 of 2 files have another ETag than then"
    assert _served({}, now) == ""
    assert _served(then, {}) == ""
