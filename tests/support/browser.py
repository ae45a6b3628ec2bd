"""A real Chromium, driven by Playwright; a plain skip where the machine has none that starts."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright._impl._driver import compute_driver_executable
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """The browser of this machine, closed at the end. Skips the test where it cannot start."""
    path = next((p for n in NAMES if (p := shutil.which(n))), None)
    if path is None:
        pytest.skip("no Chromium on this machine")
    node = subprocess.run(
        [compute_driver_executable()[0], "--version"], capture_output=True, text=True, check=False
    )
    if node.returncode:  # the driver's Node is linked to libatomic, which a bare Debian lacks
        pytest.skip(f"the browser's driver does not start here: {node.stderr.strip()[:200]}")
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=path, args=["--no-sandbox", *flags])
        yield browser
        browser.close()
