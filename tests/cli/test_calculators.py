from __future__ import annotations


def test_every_engine_is_listed_with_functional_and_dispersion(alkascreen) -> None:
    lines = alkascreen("calculators").stdout.splitlines()
    for name, functional in {
        "emt": "EMT",
        "sevennet": "PBE",
        "chgnet": "PBE",
        "xtb": "xTB",
    }.items():
        (line, *_) = [line for line in lines if line.startswith(name)]
        assert functional in line
        assert "none | d3bj" in line


def test_emt_says_that_it_is_for_demonstration_only(alkascreen) -> None:
    (line,) = [x for x in alkascreen("calculators").stdout.splitlines() if x.startswith("emt")]
    assert "yes" in line
    assert "demonstration only" in line
