"""docs/mqtt-conformance.md names every statement of both specifications, and only tests that exist."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "mqtt-conformance.md").read_text()
FILES = {"both": "mqtt/test_conformance.py", "v3": "mqtt/test_conformance_v3.py", "v5": "mqtt/test_conformance_v5.py",
         "ws": "mqtt/test_websocket.py", "hostile": "hostile/test_mqtt.py"}

# How many numbered statements each section has. Source: appendix B of each specification.
SECTIONS = {
    "MQTT 3.1.1": {
        "1.5.3": 3, "2.2.2": 2, "2.3.1": 7, "3.1.0": 2, "3.1.2": 24, "3.1.3": 11, "3.1.4": 5, "3.2.0": 1, "3.2.2": 6,
        "3.3.1": 12, "3.3.2": 3, "3.3.4": 1, "3.3.5": 2, "3.6.1": 1, "3.8.1": 1, "3.8.3": 4, "3.8.4": 6, "3.9.3": 2,
        "3.10.1": 1, "3.10.3": 2, "3.10.4": 6, "3.12.4": 1, "3.14.1": 1, "3.14.4": 3, "4.1.0": 2, "4.3.1": 1,
        "4.3.2": 2, "4.3.3": 2, "4.4.0": 1, "4.5.0": 2, "4.6.0": 6, "4.7.1": 3, "4.7.2": 1, "4.7.3": 4, "4.8.0": 2,
        "6.0.0": 4, "7.0.0": 2, "7.1.1": 1, "7.1.2": 1},
    "MQTT 5.0": {
        "1.5.4": 3, "1.5.5": 1, "1.5.7": 1, "2.1.3": 1, "2.2.1": 6, "2.2.2": 1, "3.1.0": 2, "3.1.2": 30, "3.1.3": 12,
        "3.1.4": 6, "3.2.0": 2, "3.2.2": 22, "3.3.1": 13, "3.3.2": 20, "3.3.4": 10, "3.4.2": 3, "3.5.2": 3,
        "3.6.1": 1, "3.6.2": 3, "3.7.2": 3, "3.8.1": 1, "3.8.3": 5, "3.8.4": 8, "3.9.2": 2, "3.9.3": 2, "3.10.1": 1,
        "3.10.3": 2, "3.10.4": 6, "3.11.2": 2, "3.11.3": 2, "3.12.4": 1, "3.14.0": 1, "3.14.1": 1, "3.14.2": 4,
        "3.14.4": 3, "3.15.1": 1, "3.15.2": 3, "4.1.0": 2, "4.2": 1, "4.3.1": 1, "4.3.2": 5, "4.3.3": 13, "4.4.0": 2,
        "4.5.0": 2, "4.6.0": 6, "4.7.0": 1, "4.7.1": 2, "4.7.2": 1, "4.7.3": 4, "4.8.2": 6, "4.9.0": 3, "4.12.0": 7,
        "4.12.1": 2, "4.13.1": 1, "4.13.2": 1, "6.0.0": 4},
}
NEVER_GIVEN = {"MQTT 3.1.1": set(), "MQTT 5.0": {"2.2.1-1"}}


def rows(title):
    """(statement, rule, shown by) of a table."""
    part = DOCUMENT.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    return [tuple(cell.strip() for cell in line.strip("|").split("|"))
            for line in part.splitlines() if re.match(r"\| \d", line)]


ROWS = [(title, *row) for title in SECTIONS for row in rows(title)]


@pytest.mark.parametrize("title", SECTIONS)
def test_every_statement_has_its_row_in_order(title):
    expected = [f"{section}-{n}" for section, count in SECTIONS[title].items() for n in range(1, count + 1)]
    assert [row[0] for row in rows(title)] == [number for number in expected if number not in NEVER_GIVEN[title]]


def defined(reference):
    """Whether a test of that name is in its file."""
    if "::" in reference:
        place, test = reference.split("::")
        return f"\ndef test_{test}(" in (ROOT / "tests" / FILES[place]).read_text()
    if reference.startswith("tests/"):
        return (ROOT / reference).exists()
    suite, test = reference.split(".")
    return any(re.search(rf"^TEST(_F|_P)?\({suite}, {test}\)", source.read_text(), re.M)
               for folder in ("mqtt", "broker") for source in (ROOT / "src" / folder).glob("*_test.cpp"))


@pytest.mark.parametrize("reference", sorted({r for row in ROWS for r in re.findall(r"`([^`]+)`", row[3])}))
def test_what_is_named_exists(reference):
    assert defined(reference), reference


def test_every_row_names_a_test_or_says_why_not():
    for title, statement, rule, shown in ROWS:
        assert rule and ("`" in shown or shown in ("client", "croft connects to no other server")), (title, statement, shown)


def test_every_conformance_test_is_named_but_those_beyond_the_numbers():
    """A test that shows no numbered statement shows a sentence without a number, and is listed here."""
    beyond = {
        "both": {
            "a_filter_that_is_none_is_not_subscribed_to", "a_hash_matches_the_level_above_it",
            "a_qos_0_message_with_dup_ends_the_connection", "a_qos_2_message_is_one_on_the_next_connection_too",
            "an_unknown_protocol_level_is_told_in_the_connack", "nothing_is_sent_again_on_the_same_connection",
            "qos_3_of_a_subscription_ends_the_connection", "the_longest_and_the_deepest_topic_are_served"},
        "v3": {
            "a_takeover_says_nothing_to_the_old_connection",
            "a_version_5_message_reaches_a_version_3_client_without_properties", "a_will_may_have_an_empty_payload",
            "auth_is_no_packet_of_this_version", "bytes_behind_the_end_of_a_packet_end_the_connection",
            "keep_alive_0_is_taken"},
        "v5": {
            "a_bad_reason_of_a_disconnect_is_an_error", "a_password_without_a_user_name_is_allowed",
            "a_reason_of_another_packet_ends_the_connection", "a_will_waits_no_longer_than_the_session",
            "aliases_to_a_client_end_with_the_connection", "an_expired_retained_message_is_not_sent",
            "disconnect_0x04_publishes_the_will", "disconnect_may_change_the_expiry", "identifier_0_ends_the_connection",
            "properties_are_retained_with_their_message", "qos_2_is_served", "receive_maximum_0_is_an_error",
            "retain_handling_3_ends_the_connection", "versions_understand_each_other",
            "without_an_expiry_the_session_ends_with_the_connection"},
    }
    for place, more in beyond.items():
        tests = set(re.findall(r"^def test_(\w+)\(", (ROOT / "tests" / FILES[place]).read_text(), re.M))
        named = {r.split("::")[1] for row in ROWS for r in re.findall(r"`([^`]+)`", row[3]) if r.startswith(place + "::")}
        assert tests - named == more
