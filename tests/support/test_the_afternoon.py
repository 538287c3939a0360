"""Every output that the how-to shows is what the program prints."""

from __future__ import annotations

from tests.support.afternoon import PAGE, afternoon, blocks, told_again


def test_the_outputs_of_the_page_are_the_program_s() -> None:
    """When this fails, ``python -m tests.support.afternoon`` writes them again: read the change."""
    page = PAGE.read_text("utf-8")
    shown = blocks(page)

    assert len(shown) > 5
    with afternoon():
        for block in shown:
            assert told_again(block) == block
