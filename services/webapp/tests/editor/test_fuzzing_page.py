"""Two editors at random keys, for a few seconds with fixed seeds; `make fuzz-editor` goes on."""

import pytest
from fuzzing import play
from playwright.sync_api import Browser
from servers import Site


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 2])
def test_two_pages_show_what_the_api_says_and_no_word_is_lost(
    browser: Browser, site: Site, seed: int
) -> None:
    assert "0 differences, 0 lost words" in play(browser, site, iter([seed]), seconds=0)
