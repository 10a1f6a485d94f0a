#!/usr/bin/env python3
"""Gives tools/check-links two pages with one wrong link at a time."""

import subprocess
import tempfile
import unittest
from pathlib import Path

CHECK = Path(__file__).resolve().parents[2] / "tools" / "check-links"

PAGE = """\
# Title
[other](doc/other.md), [its heading](doc/other.md#two-words-more), [its anchor](doc/other.md#by-hand),
[own](#title), [elsewhere](https://example.com/none), a note[^note].

```sh
echo "[no link](nowhere.md)"
```

[^note]: Its text.
"""
OTHER = '# Other\n## Two `words`, more\n<a id="by-hand"></a>\n[back](../page.md)\n'


def run_check(page):
    with tempfile.TemporaryDirectory() as root:
        for name, text in {"page.md": page, "doc/other.md": OTHER,
                           "build/made.md": "[gone](gone.md)"}.items():
            path = Path(root, name)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        result = subprocess.run([CHECK, root], capture_output=True, text=True, check=False)
    return result.returncode, result.stdout + result.stderr


class CheckLinks(unittest.TestCase):
    def test_what_is_there_is_found(self):
        code, output = run_check(PAGE)
        self.assertEqual(code, 0, output)
        self.assertIn("2 pages", output)

    def test_what_leads_nowhere_is_told(self):
        for line, why in {
            "[gone](doc/gone.md)": "page.md: there is no doc/gone.md",
            "[gone](doc/other.md#gone)": "page.md: there is no #gone in doc/other.md",
            "[gone](#gone)": "page.md: there is no #gone in page.md",
            "a note[^gone]": "page.md: [^gone] has no text",
            "[^gone]: A text.": "page.md: nothing refers to [^gone]",
        }.items():
            code, output = run_check(PAGE + line + "\n")
            self.assertEqual(code, 1, line)
            self.assertEqual(output, why + "\n")


if __name__ == "__main__":
    unittest.main()
