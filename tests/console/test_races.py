"""Answers that reach the page late or out of order."""

from console_page import browser, passed


def test_races(fresh_croft):
    assert len(passed(browser(fresh_croft(), "races.mjs"))) == 11
