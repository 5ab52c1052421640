"""`make test` ends with one line in the form of pytest's, over both of its processes."""

from pathlib import Path

from tests.__main__ import closing_line

RESULT = '<testsuites><testsuite tests="{tests}" failures="{failures}" errors="0" skipped="{skipped}"/></testsuites>'


def test_the_closing_line_adds_both_processes(tmp_path: Path) -> None:
    (tmp_path / "others.xml").write_text(RESULT.format(tests=10, failures=0, skipped=1))
    (tmp_path / "e2e.xml").write_text(RESULT.format(tests=4, failures=1, skipped=0))
    line = closing_line([tmp_path / "others.xml", tmp_path / "e2e.xml"], 61.5)
    assert line.strip("=") == " 1 failed, 12 passed, 1 skipped in 61.50s (0:01:01) "


def test_a_process_without_a_result_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "others.xml").write_text(RESULT.format(tests=10, failures=0, skipped=0))
    assert " 1 failed, 10 passed in 5.00s" in closing_line([tmp_path / "others.xml", tmp_path / "none.xml"], 5.0)
