"""The fault matrix: every fault we know of, and the tests that prove its outcome.

A row is a number, the fault in a few words, and tests as `file::test`, seen from `tests/`.
A row that nothing proves yet says why. test_faults_matrix.py holds the table to the tests.
A fault found in operation becomes a row here first and a fix second.
"""

from collections.abc import Mapping
from dataclasses import dataclass

# How many rows each family has: K process death, D disk, F folder, B bodies, H framing, L lines,
# R repeats, C clocks, A acts of a person that cannot be undone, N spellings of names, O erased persons who
# come back, T texts that stay after an erasure, S files that the catalog does not know,
# G lost catalogs, P parts that are missing or damaged, V DuckDB shells on
# the views of `audit.duckdb`, Y edits of the data folder by hand.
NUMBERS = {
    "K": 23,
    "D": 20,
    "F": 6,
    "B": 29,
    "H": 12,
    "L": 24,
    "R": 12,
    "C": 8,
    "A": 8,
    "O": 4,
    "N": 5,
    "S": 6,
    "G": 9,
    "P": 11,
    "V": 7,
    "E": 12,
    "T": 5,
    "Y": 4,
}


@dataclass(frozen=True, slots=True)
class Row:
    fault: str
    tests: tuple[str, ...] = ()
    not_yet: str = ""


def _tests(file: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{file}::test_{name}" for name in names)


def _death(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_process_death.py", *names)


def _kills(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_kills.py", *names)


def _disk(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_disk.py", *names)


def _keep_out(*names: str) -> tuple[str, ...]:
    return _tests("store/keepout/test_keep_out.py", *names)


def _restored(*names: str) -> tuple[str, ...]:
    return _tests("store/backup/test_erasures.py", *names)


def _health(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_health.py", *names)


def _folder(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_folder.py", *names)


def _machine(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_machine.py", *names)


def _large(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_large.py", *names)


def _bodies(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_bodies.py", *names)


def _frames(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_framing.py", *names)


def _odd_lines(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_lines.py", *names)


def _repeats(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_repeats.py", *names)


def _clocks(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_clocks.py", *names)


def _strays(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_strays.py", *names)


def _ledger(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_ledger.py", *names)


def _rebuild(*names: str) -> tuple[str, ...]:
    return _tests("store/rebuild/test_rebuild.py", *names)


def _shells(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_shells.py", *names)


def _beside_damage(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_damaged_upkeep.py", *names)


def _remade(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_remade.py", *names)


def _damage(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_damage.py", *names)


def _rebuilt(*names: str) -> tuple[str, ...]:
    return _tests("faults/test_faults_rebuild.py", *names)


def _lost_ledger(*names: str) -> tuple[str, ...]:
    return _tests("store/rebuild/test_lost_ledger.py", *names)


def _intake(*names: str) -> tuple[str, ...]:
    return _tests("store/intake/test_intake.py", *names)


def _recovery(*names: str) -> tuple[str, ...]:
    return _tests("store/intake/test_recovery.py", *names)


def _load(*names: str) -> tuple[str, ...]:
    return _tests("store/loading/test_loader.py", *names)


def _dying_loaders(*names: str) -> tuple[str, ...]:
    return _tests("store/loading/test_deaths.py", *names)


def _lanes(*names: str) -> tuple[str, ...]:
    return _tests("store/loading/test_lanes.py", *names)


def _catalog(*names: str) -> tuple[str, ...]:
    return _tests("store/catalog/test_catalog.py", *names)


def _retention(*names: str) -> tuple[str, ...]:
    return _tests("store/retention/test_retention.py", *names)


def _erase(*names: str) -> tuple[str, ...]:
    return _tests("raytrail/commands/test_erasure.py", *names)


def _erasing(*names: str) -> tuple[str, ...]:
    return _tests("store/erasure/test_erasure.py", *names)


def _pages(*names: str) -> tuple[str, ...]:
    return _tests("store/erasure/test_pages.py", *names)


def _dictionaries(*names: str) -> tuple[str, ...]:
    return _tests("store/parquet/test_dictionaries.py", *names)


def _service(*names: str) -> tuple[str, ...]:
    return _tests("system/test_system_service.py", *names)


def _uploads(*names: str) -> tuple[str, ...]:
    return _tests("receiver/test_uploads.py", *names)


def _requests(*names: str) -> tuple[str, ...]:
    return _tests("receiver/test_framing.py", *names)


def _deadlines(*names: str) -> tuple[str, ...]:
    return _tests("receiver/test_deadlines.py", *names)


def _connections(*names: str) -> tuple[str, ...]:
    return _tests("receiver/test_connections.py", *names)


def _trouble(*names: str) -> tuple[str, ...]:
    return _tests("receiver/test_trouble.py", *names)


def _schema(part: str, *names: str) -> tuple[str, ...]:
    folder, _, name = part.rpartition("/")
    return _tests(f"schema/{folder}/test_{name}.py" if folder else f"schema/test_{name}.py", *names)


_AT_ANY_CALL = (
    *_death("k2_k3_k4_k5_a_retry_before_any_recovery_is_stored_once"),
    *_recovery("a_batch_killed_at_any_call_is_stored_once_after_recovery_and_retry"),
    *_kills("k2_to_k7_killed_for_real_at_any_system_call_a_batch_is_stored_once"),
)
_ANY_REFUSAL = _disk("d1_d9_d10_d11_d16_any_call_refused_is_503_and_it_goes_on_by_itself")
_AT_THE_START = _disk("d11_d13_d14_a_disk_that_cannot_keep_a_promise_is_refused_at_the_start")
_ANY_DAMAGE = (
    *_bodies("b4_b5_b6_b7_damage_of_any_bit_or_byte_is_noticed"),
    *_bodies("b4_b5_b6_b7_damaged_bodies_leave_nothing"),
)
_ANY_LINE = _odd_lines("l1_to_l16_each_odd_line_is_the_row_it_should_be_or_rejected_with_a_reason")
_CONTRADICTS = _requests("a_request_that_contradicts_itself_is_refused_and_closed")

PROCESS_DEATH: Mapping[str, Row] = {
    "K1": Row(
        "killed while it receives headers or body",
        (
            *_kills("k1_killed_while_it_receives_nothing_is_kept_and_a_retry_is_stored_once"),
            *_death("k1_k2_what_is_left_is_swept_and_never_believed"),
            *_tests(
                "system/test_system_kills.py",
                "after_random_kills_every_acknowledged_batch_is_stored_exactly_once",
            ),
        ),
    ),
    "K2": Row(
        "killed behind the draft, before its sync",
        (*_AT_ANY_CALL, *_death("k1_k2_what_is_left_is_swept_and_never_believed")),
    ),
    "K3": Row("killed between the draft's sync and the link", _AT_ANY_CALL),
    "K4": Row(
        "killed between the link and the folder's sync",
        (*_AT_ANY_CALL, *_death("k4_bodies_that_nobody_received_are_moved_away")),
    ),
    "K5": Row(
        "killed behind the folder's sync, before the entry",
        (
            *_AT_ANY_CALL,
            *_death("k5_what_was_stored_keeps_its_dataset"),
            *_recovery("recovery_enters_a_stored_body_under_the_dataset_its_sender_named"),
        ),
    ),
    "K6": Row(
        "killed in the middle of writing the ledger",
        (
            *_death("k6_a_ledger_torn_anywhere_is_whole_up_to_there_and_mended"),
            *_kills("k2_to_k7_killed_for_real_at_any_system_call_a_batch_is_stored_once"),
        ),
    ),
    "K7": Row(
        "killed behind the entry, before the 200",
        (
            *_AT_ANY_CALL,
            *_death("k7_a_receipt_is_in_the_ledger_before_anybody_hears_of_it"),
            *_kills("k7_k8_killed_when_it_would_answer_the_batch_is_stored_once"),
        ),
    ),
    "K8": Row(
        "killed while the 200 is on the wire",
        _kills(
            "k7_k8_killed_when_it_would_answer_the_batch_is_stored_once",
            "k8_killed_behind_the_first_byte_of_its_answer_the_batch_is_stored_once",
        ),
    ),
    "K9": Row(
        "killed at each step of making Parquet",
        _load("rows_exist_once_after_a_loader_was_killed_at_any_call"),
    ),
    "K10": Row(
        "killed between a part's name and the catalog",
        _load("rows_exist_once_after_a_loader_was_killed_at_any_call"),
    ),
    "K11": Row(
        "killed during compaction",
        _tests(
            "store/compaction/test_compactor.py",
            "after_a_kill_at_any_call_a_merge_is_complete_or_has_not_happened",
        ),
    ),
    "K12": Row(
        "killed during retention",
        _retention("after_a_kill_at_any_call_each_step_is_complete_or_has_not_happened"),
    ),
    "K13": Row(
        "killed during recovery, repeatedly",
        _recovery("recovery_killed_at_any_call_succeeds_when_run_again"),
    ),
    "K14": Row("killed during the hourly seal", not_yet="there are no seals yet"),
    "K15": Row(
        "SIGTERM with uploads in flight",
        (
            *_service("sigterm_lets_an_upload_in_flight_finish_and_ends_with_0"),
            *_service("a_sender_that_owes_its_body_does_not_hold_up_a_stop"),
            *_trouble("an_upload_cancelled_at_the_end_of_a_stop_is_answered_503"),
        ),
    ),
    "K16": Row(
        "SIGTERM twice, SIGINT, SIGHUP",
        _service("a_second_signal_ends_it_at_once", "other_signals_stop_it_just_as_well"),
    ),
    "K17": Row(
        "power fails at any sync",
        (
            *_death(
                "k17_a_power_cut_at_any_call_loses_nothing_acknowledged",
                "k17_a_power_cut_while_loading_loses_no_row",
                "k17_every_durable_verb_makes_its_calls_in_order",
                "k17_a_batch_makes_its_calls_in_order",
                "k17_a_part_makes_its_calls_in_order",
            ),
            *_recovery(
                "each_process_syncs_the_name_of_the_days_folder",
                "the_names_of_a_new_store_and_its_parents_are_synced",
            ),
        ),
    ),
    "K18": Row(
        "killed for lack of memory, in an inflate or a query",
        _kills(
            "k18_a_query_that_is_killed_harms_neither_receiver_nor_store",
            "k18_a_receiver_killed_while_it_inflates_keeps_nothing",
        ),
    ),
    "K19": Row(
        "stopped for longer than any deadline, then continued",
        _kills("k19_stopped_for_longer_than_any_deadline_it_goes_on_and_counts_nothing_twice"),
    ),
    "K20": Row(
        "started again and again with a bad configuration",
        (
            *_service("every_wrong_setting_is_named_at_once_and_nothing_is_made"),
            *_service("a_childs_last_word_decides_whether_it_is_started_again"),
        ),
    ),
    "K21": Row(
        "one batch kills every loader, or loaders are killed from outside",
        (
            *_dying_loaders(
                "a_batch_that_kills_every_loader_becomes_unread_at_the_limit",
                "a_batch_that_killed_its_loaders_keeps_its_body_and_can_be_replayed",
                "five_kills_from_outside_cost_an_ordinary_batch_nothing",
                "those_that_were_loaded_when_a_loader_died_are_tried_alone",
                "a_stop_of_the_service_is_no_death_of_its_batches",
                "an_attempt_on_a_full_disk_counts_neither_as_death_nor_as_failure",
            ),
        ),
    ),
    "K22": Row(
        "killed or stopped while a long batch is loaded beside small ones",
        (
            *_lanes(
                "small_batches_become_rows_while_a_large_one_is_loaded",
                "a_load_that_finds_no_room_for_long_ones_gives_way",
                "a_stop_ends_long_loads_and_leaves_their_batches_to_the_next_loader",
                "nothing_is_swept_under_a_long_load",
            ),
            *_tests(
                "system/test_system_loading.py",
                "a_large_body_holds_up_no_other_and_survives_kills_and_restarts",
            ),
        ),
    ),
    "K23": Row(
        "no process can be started: Python is gone, or there are too many processes",
        (
            *_service("with_a_python_that_is_gone_senders_hear_503_and_the_service_ends_with_2"),
            *_tests(
                "raytrail/service/test_supervisor.py",
                "while_no_receiver_can_be_started_senders_are_answered_503_and_the_log_says_why",
                "a_receiver_that_ends_at_once_is_answered_for_until_one_stays",
            ),
        ),
    ),
}

DISK: Mapping[str, Row] = {
    "D1": Row(
        "no room while the draft is written",
        (
            *_ANY_REFUSAL,
            *_machine("d1_d16_a_disk_without_bytes_or_inodes_is_503_and_recovers_by_itself"),
        ),
    ),
    "D2": Row(
        "no room for the ledger",
        _disk(
            "d2_a_ledger_that_takes_no_entry_gives_no_receipt",
            "d2_a_full_ledger_is_503_and_what_was_stored_is_entered_by_the_retry",
        ),
    ),
    "D3": Row(
        "no room while Parquet is made",
        (
            *_load("a_disk_error_leaves_the_batch_pending_and_no_part_visible"),
            *_load("a_full_disk_leaves_every_batch_of_a_group_pending"),
            *_tests(
                "raytrail/service/test_loader.py", "on_a_full_disk_the_loader_waits_and_continues"
            ),
        ),
    ),
    "D4": Row(
        "less room than the reserve",
        (
            *_service("a_disk_without_room_is_503_before_anything_is_written"),
            *_intake("no_room_is_raised_before_anything_is_written"),
        ),
    ),
    "D5": Row(
        "EIO from a write",
        _disk("d5_d6_a_failed_disk_is_503_stops_intake_and_leaves_queries"),
    ),
    "D6": Row(
        "EIO from the sync of a file",
        (
            *_disk(
                "d6_d7_a_failed_sync_is_final",
                "d5_d6_a_failed_disk_is_503_stops_intake_and_leaves_queries",
            ),
            *_tests(
                "system/test_system_disk.py",
                "a_sync_that_fails_is_never_a_200_and_ends_the_service_with_4",
            ),
            *_death("k1_k2_what_is_left_is_swept_and_never_believed"),
        ),
    ),
    "D7": Row(
        "EIO from the sync of a folder",
        (
            *_disk("d6_d7_a_failed_sync_is_final"),
            *_tests(
                "receiver/test_disk_failed.py",
                "an_upload_that_was_under_way_when_the_sync_of_another_failed_gets_no_200",
            ),
        ),
    ),
    "D8": Row(
        "EIO while a query reads Parquet",
        (
            *_machine("d8_a_part_that_cannot_be_read_is_named_and_no_answer_is_given"),
            *_tests(
                "queries/test_engine.py",
                "a_part_with_damaged_pages_is_named_although_duckdb_does_not",
            ),
        ),
    ),
    "D9": Row(
        "the file system turns read-only",
        (
            *_ANY_REFUSAL,
            *_health(
                "d9_from_the_first_failed_write_health_is_503_until_the_probe_succeeds",
                "d9_a_service_that_nobody_sends_to_notices_a_disk_that_refuses_writes",
                "one_receiver_that_cannot_store_makes_every_receiver_answer_503",
            ),
        ),
    ),
    "D10": Row(
        "no descriptors",
        (
            *_ANY_REFUSAL,
            *_machine(
                "d10_without_descriptors_it_refuses_and_then_goes_on",
                "d10_no_descriptor_is_lost_over_many_requests",
            ),
        ),
    ),
    "D11": Row(
        "no permission, wrong owner",
        (
            *_ANY_REFUSAL,
            *_AT_THE_START,
            *_service("a_data_folder_that_cannot_be_is_told_so"),
        ),
    ),
    "D12": Row(
        "the data folder goes away while it runs",
        (
            *_disk("d12_a_folder_that_is_gone_is_never_made_again_by_an_upload"),
            *_service("a_data_folder_that_is_moved_away_is_503_and_back_again_is_fine"),
        ),
    ),
    "D13": Row(
        "drafts on another file system",
        (*_AT_THE_START, *_disk("d13_a_draft_lies_in_the_folder_of_its_name")),
    ),
    "D14": Row(
        "no links or no sync of folders",
        (
            *_AT_THE_START,
            *_catalog(
                "a_file_system_without_hard_links_is_refused",
                "a_file_system_whose_links_replace_files_is_refused",
            ),
        ),
    ),
    "D15": Row(
        "short writes, interrupted calls",
        _disk(
            "d15_short_writes_end_up_whole",
            "d15_signals_in_the_middle_of_calls_change_nothing",
            "d15_nothing_of_a_write_that_fails_half_way_is_believed",
        ),
    ),
    "D16": Row(
        "no inodes",
        (
            *_ANY_REFUSAL,
            *_machine("d1_d16_a_disk_without_bytes_or_inodes_is_503_and_recovers_by_itself"),
        ),
    ),
    "D17": Row(
        "every sync takes seconds",
        (
            *_machine("d17_on_a_slow_disk_what_is_being_stored_is_not_cut_and_a_queue_has_an_end"),
            *_trouble("uploads_over_the_limit_are_told_to_try_later"),
            *_deadlines("a_connection_that_waits_for_its_answer_is_not_closed"),
        ),
    ),
    "D18": Row(
        "the disk hangs",
        _health(
            "d18_a_disk_whose_sync_does_not_return_is_503",
            "d18_a_disk_that_does_not_answer_costs_one_thread_however_often_health_is_asked",
        ),
    ),
    "D19": Row(
        "a bit of a stored file or of the catalog turns",
        (
            *_health("d19_lost_bits_are_listed_by_the_scrub"),
            *_tests(
                "store/scrub/test_scrub.py",
                "a_page_of_the_catalog_that_is_damaged_is_found",
                "a_round_that_was_stopped_at_any_file_goes_on_where_it_was",
            ),
        ),
    ),
    "D20": Row(
        "a folder that cannot be written is asked",
        _tests(
            "system/test_system_read_only.py",
            "every_question_is_answered_on_a_read_only_folder",
            "a_command_that_changes_a_read_only_folder_is_refused",
            "a_read_only_folder_shows_what_its_service_writes",
        ),
    ),
}

FOLDER: Mapping[str, Row] = {
    "F1": Row(
        "the data folder is moved away or replaced under a service, or a volume is mounted late",
        _folder(
            "f1_a_replaced_folder_gets_no_body_and_the_right_one_goes_on_by_itself",
            "f1_nothing_in_a_replaced_folder_is_swept_moved_or_published",
            "f1_a_connection_that_is_opened_meanwhile_is_none_to_the_other_catalog",
            "f1_a_part_of_the_folder_that_is_replaced_counts_as_well",
            "f1_another_way_to_the_same_folder_is_no_other_folder",
            "f1_receivers_that_are_started_again_take_nothing_into_a_replaced_folder",
        ),
    ),
    "F2": Row(
        "a batch was stored, and its process died before the entry",
        (
            *_recovery("an_entry_that_recovery_makes_says_so"),
            *_folder("f2_a_report_counts_the_batches_that_were_recovered"),
        ),
    ),
    "F3": Row(
        "a full disk leaves a draft whose body was stored",
        (
            *_recovery("drafts_that_a_full_disk_left_are_finished_by_the_process_that_left_them"),
            *_folder("f3_a_draft_that_a_full_disk_left_is_finished_without_a_restart"),
        ),
    ),
    "F4": Row(
        "a body is put into raw/ by hand",
        (
            *_recovery(
                "a_body_that_was_put_into_raw_by_hand_is_moved_to_stray_and_never_entered",
                "a_body_of_the_ledger_is_brought_back_from_stray",
                "no_body_is_moved_before_the_catalog_was_compared_with_the_ledger",
            ),
            *_folder("f2_a_report_counts_the_batches_that_were_recovered"),
        ),
    ),
    "F5": Row(
        "the disk dies: every call fails, and SQLite calls the catalog damaged or missing",
        _machine("f5_a_disk_that_dies_ends_the_service_with_4_and_soon"),
    ),
    "F6": Row(
        "root runs a command in the data folder of another user",
        _tests(
            "faults/test_faults_owner.py",
            "f6_what_root_does_in_the_folder_of_a_user_leaves_nothing_of_roots",
            "f6_a_new_store_that_root_makes_belongs_to_the_owner_of_its_folder",
            "f6_files_that_cannot_be_given_away_are_refused",
            "f6_a_service_of_root_goes_on_where_it_cannot_give_files_away",
            "f6_a_file_of_roots_behind_a_link_is_given_to_nobody",
        ),
    ),
}

BODIES: Mapping[str, Row] = {
    "B1": Row(
        "a good batch",
        (
            *_load("a_batch_becomes_rows_with_its_provenance"),
            *_intake("a_batch_is_stored_unchanged_under_its_hash_and_entered_in_the_ledger"),
        ),
    ),
    "B2": Row("nothing at all", _uploads("an_empty_body_is_400")),
    "B3": Row(
        "gzip of nothing",
        (
            *_intake("an_empty_body_is_refused_and_an_empty_batch_is_kept"),
            *_load("a_batch_without_lines_is_loaded_with_no_rows"),
        ),
    ),
    "B4": Row(
        "any bit flipped",
        (
            *_ANY_DAMAGE,
            *_intake("damaged_bytes_are_kept_unread_at_the_third_arrival"),
            *_uploads("a_damaged_body_is_answered_400_twice_and_then_kept_as_evidence"),
        ),
    ),
    "B5": Row("a wrong trailer", (*_ANY_DAMAGE, *_bodies("b5_a_wrong_trailer_is_damage"))),
    "B6": Row(
        "cut at any length",
        (
            *_ANY_DAMAGE,
            *_intake("a_body_truncated_at_any_length_is_refused"),
        ),
    ),
    "B7": Row(
        "bytes behind the end",
        (*_ANY_DAMAGE, *_intake("a_body_with_bytes_after_its_gzip_trailer_is_damaged")),
    ),
    "B8": Row(
        "many members",
        (
            *_bodies(
                "b8_every_member_is_read",
                "b8_tiny_members_before_a_large_one_cost_no_more_than_their_bytes",
            ),
            *_intake("a_body_with_too_many_gzip_members_is_kept_unread"),
        ),
    ),
    "B9": Row(
        "a bomb, a bomb within a bomb",
        (
            *_bodies("b9_a_bomb_within_a_bomb_is_one_rejected_line"),
            *_tests("system/test_system_large.py", "a_bomb_costs_no_memory_and_is_kept_unread"),
        ),
    ),
    "B10": Row(
        "a gzip header with everything in it",
        _bodies(
            "b10_a_header_may_come_in_any_pieces",
            "b10_a_header_without_end_is_not_held",
            "b10_a_name_inside_the_body_names_nothing",
        ),
    ),
    "B11": Row(
        "plain lines that claim to be gzip",
        _uploads("plain_lines_that_claim_to_be_gzip_are_damaged"),
    ),
    "B12": Row(
        "gzip that claims to be nothing",
        _uploads("gzip_is_recognised_by_its_bytes_under_any_content_encoding"),
    ),
    "B13": Row("plain lines", _bodies("b13_a_plain_body_is_kept_as_it_was_sent")),
    "B14": Row(
        "other encodings", _uploads("other_encodings_are_answered_415_with_the_accepted_ones")
    ),
    "B15": Row(
        "stacked, repeated and oddly written encodings",
        (
            *_uploads(
                "other_encodings_are_answered_415_with_the_accepted_ones",
                "gzip_is_recognised_by_its_bytes_under_any_content_encoding",
            ),
            *_CONTRADICTS,
        ),
    ),
    "B16": Row("chunks of one byte", _requests("a_body_in_chunks_of_one_byte_is_the_same_batch")),
    "B17": Row(
        "extensions of chunks, trailers",
        _bodies("b17_what_stands_beside_chunks_is_never_in_the_body"),
    ),
    "B18": Row(
        "shorter than announced, then silence",
        _bodies("b18_a_body_that_stays_shorter_than_it_said_is_cut_and_leaves_nothing"),
    ),
    "B19": Row(
        "announced as larger than the limit",
        (
            *_bodies("b19_a_length_over_the_limit_is_refused_before_any_body"),
            *_uploads("a_body_over_the_limit_is_answered_413_with_the_limit"),
        ),
    ),
    "B20": Row(
        "in chunks past the limit", _uploads("a_body_over_the_limit_is_answered_413_with_the_limit")
    ),
    "B21": Row(
        "the sender leaves in the middle",
        (
            *_requests("a_sender_that_disconnects_in_a_body_leaves_nothing"),
            *_bodies("b21_a_sender_that_leaves_is_one_line_in_the_log_and_no_trace"),
        ),
    ),
    "B22": Row(
        "the sender does not wait for the answer",
        _bodies("b22_a_sender_that_does_not_wait_for_the_answer_is_stored_once"),
    ),
    "B23": Row(
        "byte after byte, slowly",
        _deadlines(
            "a_connection_with_a_slow_header_is_closed",
            "a_connection_with_a_slow_second_header_is_closed",
            "a_connection_with_a_slow_body_is_closed_and_leaves_nothing",
        ),
    ),
    "B24": Row(
        "a thousand silent connections",
        (
            *_machine("b24_among_a_thousand_silent_connections_an_honest_sender_is_served"),
            *_deadlines(
                "a_silent_connection_is_closed", "a_sender_is_served_among_many_silent_connections"
            ),
            *_connections(
                "silent_connections_do_not_keep_a_sender_out",
                "a_connection_on_which_a_batch_is_arriving_outlives_a_flood_of_silent_ones",
            ),
        ),
    ),
    "B25": Row(
        "Expect: 100-continue with a wrong token",
        _requests("a_wrong_token_is_refused_before_the_body_is_requested"),
    ),
    "B26": Row(
        "any Content-Type",
        (
            *_uploads("every_content_type_is_accepted"),
            *_bodies("b26_a_form_is_bytes_like_any_other"),
        ),
    ),
    "B27": Row(
        "an archived file whose name does not tell what it is, or gzip in gzip",
        _tests(
            "archives/test_file_names.py",
            "a_file_of_any_name_is_taken_if_it_begins_with_records",
            "other_files_are_left_out_and_named_with_the_reason",
            "damage_in_the_second_layer_of_gzip_is_reported",
        ),
    ),
    "B28": Row(
        "an array in each gzip member",
        _schema("body/array_body", "what_follows_the_array_is_read_as_another_array_or_as_lines"),
    ),
    "B29": Row(
        "an answer of Logpull that breaks off, in any words",
        (
            *_tests(
                "upstream/test_logpull.py",
                "an_answer_whose_last_line_is_no_json_object_is_not_complete",
            ),
            *_tests(
                "archives/test_backfill.py",
                "an_answer_that_breaks_off_in_any_words_leaves_no_entry_and_no_row",
            ),
        ),
    ),
}

FRAMING: Mapping[str, Row] = {
    "H1": Row("both a length and chunks", _CONTRADICTS),
    "H2": Row(
        "two lengths, signed, listed, endless ones; equal ones are one (RFC 9110, 8.6)",
        (*_CONTRADICTS, *_requests("an_equal_content_length_given_twice_is_accepted")),
    ),
    "H3": Row(
        "odd transfer encodings, chunks under HTTP/1.0",
        (*_CONTRADICTS, *_frames("h3_chunks_under_http_1_0_are_refused")),
    ),
    "H4": Row(
        "broken chunks",
        (
            *_frames("h4_nothing_of_a_broken_chunk_becomes_the_next_request"),
            *_requests("a_broken_chunk_stores_nothing"),
        ),
    ),
    "H5": Row(
        "a request smuggled behind a body",
        _requests("a_pipelined_request_needs_its_own_token"),
    ),
    "H6": Row(
        "huge heads",
        (
            *_frames("h6_a_huge_head_is_refused_and_not_held"),
            *_requests("a_huge_header_is_refused_without_being_buffered"),
        ),
    ),
    "H7": Row(
        "headers that are none",
        (
            *_frames(
                "h7_a_header_that_is_none_is_refused_or_means_nothing",
                "h7_a_token_on_a_folded_line_opens_nothing_or_is_the_token",
            ),
            *_CONTRADICTS,
        ),
    ),
    "H8": Row("no Host, two, another", _frames("h8_the_host_is_used_for_nothing")),
    "H9": Row(
        "noise, other protocols",
        (
            *_frames("h9_noise_is_closed_and_fills_no_log"),
            *_requests("other_protocols_are_refused"),
        ),
    ),
    "H10": Row(
        "other methods; PUT is taken like POST",
        (
            *_frames("h10_other_methods_are_refused_and_echo_nothing"),
            *_uploads("other_methods_are_405"),
        ),
    ),
    "H11": Row(
        "a batch on a connection that a proxy has kept idle",
        _connections(
            "h11_a_connection_that_was_idle_for_longer_than_five_seconds_takes_the_next_batch",
            "an_idle_connection_is_kept_for_longer_than_any_usual_proxy_keeps_it",
        ),
    ),
    "H12": Row(
        "stalled bodies of one token",
        _connections(
            "stalled_bodies_of_one_token_do_not_keep_another_out_and_its_own_only_for_seconds"
        ),
    ),
}

LINES: Mapping[str, Row] = {
    "L1": Row("numbers that are none", _ANY_LINE),
    "L2": Row(
        "a name twice in one object",
        (
            *_ANY_LINE,
            *_schema(
                "decoding/raw_record",
                "of_equal_names_the_last_counts_and_the_earlier_are_left_over",
            ),
        ),
    ),
    "L3": Row("half a surrogate", _ANY_LINE),
    "L4": Row(
        "bytes that are not UTF-8",
        (*_ANY_LINE, *_odd_lines("l4_a_body_in_another_encoding_is_all_rejected")),
    ),
    "L5": Row("NUL and control characters", _ANY_LINE),
    "L6": Row(
        "deep nesting",
        (
            *_ANY_LINE,
            *_schema(
                "decoding/row",
                "a_deep_value_is_kept_as_text",
                "a_line_that_nests_beyond_the_parser_is_rejected",
            ),
        ),
    ),
    "L7": Row(
        "lines without an end, at the limit and one over",
        (
            *_ANY_LINE,
            *_large("l7_l20_large_bodies_become_their_rows_in_bounded_memory"),
            *_schema(
                "body/lines",
                "a_line_at_the_limit_is_whole_and_one_over_is_not",
                "a_line_without_an_end_is_counted_not_kept",
            ),
        ),
    ),
    "L8": Row(
        "integers past 64 bits",
        (
            *_ANY_LINE,
            *_schema(
                "decoding/decode", "an_integer_past_its_column_stands_in_extra_to_the_last_digit"
            ),
        ),
    ),
    "L9": Row(
        "nearly integers",
        (
            *_ANY_LINE,
            *_schema("fields/coercion", "an_integer_is_held_as_an_integer_or_not_at_all"),
        ),
    ),
    "L10": Row("lines that are no object", _ANY_LINE),
    "L11": Row(
        "marks of byte order",
        (*_ANY_LINE, *_odd_lines("l11_l12_l21_lines_are_counted_however_they_end")),
    ),
    "L12": Row(
        "ends of lines", (*_ANY_LINE, *_odd_lines("l11_l12_l21_lines_are_counted_however_they_end"))
    ),
    "L13": Row("no ray, no time: NULL, never a lost line", _ANY_LINE),
    "L14": Row("null, nothing", _ANY_LINE),
    "L15": Row(
        "new fields",
        _ANY_LINE,
    ),
    "L16": Row(
        "wrong types",
        (
            *_ANY_LINE,
            *_schema("fields/coercion", "a_value_that_does_not_fit_is_left_alone"),
        ),
    ),
    "L17": Row(
        "every way to write a time",
        (
            *_odd_lines("l17_every_way_to_write_an_instant_is_that_instant"),
            *_schema("fields/event_time", "any_text_is_an_instant_or_a_misfit_and_nothing_raises"),
        ),
    ),
    "L18": Row(
        "far past and future", _odd_lines("l18_c3_a_far_event_makes_no_folder_and_is_found")
    ),
    "L19": Row(
        "a record written otherwise in a resend; that two are alike is not reported yet",
        _odd_lines("l19_the_same_record_written_otherwise_is_kept_twice"),
    ),
    "L20": Row(
        "millions of lines",
        _large("l7_l20_large_bodies_become_their_rows_in_bounded_memory"),
    ),
    "L21": Row(
        "nothing but bad lines", _odd_lines("l11_l12_l21_lines_are_counted_however_they_end")
    ),
    "L22": Row(
        "the upload that Logpush tests with",
        (
            *_odd_lines("l22_a_test_upload_is_no_batch"),
            *_uploads("a_test_upload_is_answered_and_not_stored"),
        ),
    ),
    "L23": Row(
        "the naughty strings and the JSON test suite",
        _schema(
            "decoding/samples",
            "the_json_test_suite_is_judged_as_it_says",
            "no_hostile_file_loses_a_line_or_raises",
        ),
    ),
    "L24": Row(
        "a line that the parser rejects for a reason that is not true",
        _odd_lines(
            "l24_the_reason_of_a_rejected_line_is_true",
            "l24_no_number_of_open_brackets_is_taken_for_a_lack_of_memory",
        ),
    ),
}

REPEATS: Mapping[str, Row] = {
    "R1": Row(
        "the same body, much later too",
        (
            *_repeats("r1_r2_a_retry_of_everything_changes_nothing"),
            *_intake("the_same_body_sent_again_is_a_duplicate_and_stores_nothing"),
        ),
    ),
    "R2": Row(
        "fifty times at once",
        (
            *_repeats("r1_r2_a_retry_of_everything_changes_nothing"),
            *_intake("fifty_equal_uploads_at_once_are_stored_once_and_all_get_a_receipt"),
        ),
    ),
    "R3": Row(
        "to two receivers at once",
        (
            *_repeats(
                "r3_the_same_body_by_two_receivers_at_once_is_stored_once",
                "r3_the_loser_of_the_race_synced_too_before_its_answer",
            ),
            *_service("several_workers_share_one_ledger"),
        ),
    ),
    "R4": Row(
        "compressed anew",
        _intake(
            "the_same_lines_compressed_differently_are_one_batch_with_both_hashes_in_the_ledger"
        ),
    ),
    "R5": Row(
        "overlapping batches; shared lines are kept twice until they are merged",
        _repeats("r5_of_overlapping_batches_both_are_kept"),
    ),
    "R6": Row(
        "a retry of what retention removed",
        _retention("a_resend_after_removal_is_a_duplicate_and_nothing_is_stored"),
    ),
    "R7": Row(
        "hours late, out of order",
        _repeats("r7_batches_that_come_hours_late_keep_their_own_order"),
    ),
    "R8": Row(
        "to two datasets",
        _intake("the_same_body_sent_to_two_datasets_is_two_batches_with_one_raw_file"),
    ),
    "R9": Row(
        "two appenders, killed",
        _repeats(
            "r9_a_process_that_dies_with_the_ledgers_lock_leaves_it_to_the_others",
            "r9_appenders_killed_under_load_leave_one_chain",
        ),
    ),
    "R10": Row(
        "a second service",
        _service(
            "a_second_service_on_the_same_folder_is_told_so_and_harms_nothing",
            "a_port_that_is_taken_is_told_so",
        ),
    ),
    "R11": Row(
        "equal lines without an id, in several batches",
        (
            *_repeats("r11_lines_without_an_id_are_all_requests_before_and_after_compaction"),
            *_tests(
                "raytrail/doctor/test_folded.py",
                "hidden_lines_are_reported_and_come_back_by_a_replay",
            ),
        ),
    ),
    "R12": Row(
        "records of a known dataset under a misspelt name, and moved from there",
        (
            *_repeats("r12_records_under_a_misspelt_name_are_told_of_and_moved"),
            *_uploads("records_that_plainly_belong_to_another_dataset_are_told_of_in_the_answer"),
            *_tests(
                "raytrail/commands/test_reassign.py",
                "a_name_that_no_row_has_leads_to_the_records_and_they_are_moved",
            ),
            *_tests(
                "store/replay/test_reassignment.py",
                "after_a_kill_at_any_call_all_rows_are_in_one_dataset_or_in_the_other",
                "lines_that_the_dataset_has_already_stay_where_they_are",
            ),
        ),
    ),
}

CLOCKS: Mapping[str, Row] = {
    "C1": Row(
        "the clock jumps",
        (
            *_clocks(
                "c1_a_clock_that_jumps_changes_no_order_and_overwrites_nothing",
                "c1_a_lag_is_never_negative",
            ),
            *_intake("a_clock_that_steps_back_does_not_change_the_order"),
        ),
    ),
    "C2": Row(
        "the clock jumps and retention runs",
        _retention(
            "a_clock_more_than_48_hours_after_the_last_batch_needs_confirmation",
            "a_clock_before_the_newest_ledger_entry_needs_confirmation",
        ),
    ),
    "C3": Row(
        "the sender's clock is days ahead",
        _odd_lines("l18_c3_a_far_event_makes_no_folder_and_is_found"),
    ),
    "C4": Row("any time zone", _clocks("c4_a_report_is_the_same_in_every_time_zone")),
    "C5": Row("the edges of days", _clocks("c5_at_the_edge_of_a_day_each_event_lies_in_its_own")),
    "C6": Row(
        "the clock is set while the machine runs, and rows would look older than they are",
        (
            *_clocks(
                "c6_a_clock_that_jumps_ahead_removes_nothing_until_a_person_confirms_it",
                "c6_a_doubt_ends_when_the_clock_is_set_back",
                "c6_a_jump_that_was_noticed_is_doubted_after_the_next_boot_too",
                "c6_the_uptime_of_this_machine_goes_on_and_names_its_boot",
            ),
            *_tests(
                "store/keepout/test_keep_out.py",
                "a_clock_that_jumps_past_the_term_ends_no_keep_out",
            ),
        ),
    ),
    "C7": Row(
        "a gap between entries that no process lived through",
        _clocks(
            "c7_after_a_gap_that_no_process_lived_through_retention_asks",
            "c7_a_silent_machine_that_stayed_on_needs_no_confirmation",
            "c7_entries_show_a_gap_where_no_service_ever_ran",
        ),
    ),
    "C8": Row(
        "what a clock leaves that was in 2037, or in 1970",
        _clocks(
            "c8_a_file_whose_removal_a_wrong_clock_set_for_2037_goes_after_its_grace",
            "c8_a_clock_that_is_behind_ends_no_grace",
            "c8_doctor_names_raw_folders_of_days_that_the_ledger_does_not_have",
        ),
    ),
}

ACTS: Mapping[str, Row] = {
    "A1": Row(
        "a misspelt setting: its default would apply, unnoticed",
        _tests(
            "raytrail/test_setting_names.py",
            "a_command_refuses_a_misspelt_setting_with_the_nearest_name",
            "a_service_starts_with_misspelt_settings_and_thresholds_and_reports_them",
            "names_of_our_deployment_and_of_kubernetes_are_no_settings",
        ),
    ),
    "A2": Row(
        "a misspelt person is erased, or gets a receipt",
        (
            *_erase("a_misspelt_person_is_refused_without_a_receipt_and_near_names_are_offered"),
            *_tests(
                "faults/test_faults_acts.py",
                "a2_a3_a4_an_erasure_takes_only_what_a_person_confirmed",
            ),
            *_erasing("a_part_of_a_name_is_no_person_and_gets_no_receipt"),
        ),
    ),
    "A3": Row(
        "more is erased than a person saw",
        (
            *_erase("a_count_that_has_grown_is_refused_with_the_new_one"),
            *_tests(
                "faults/test_faults_acts.py",
                "a2_a3_a4_an_erasure_takes_only_what_a_person_confirmed",
            ),
            *_erasing("a_count_that_nobody_confirmed_erases_nothing"),
        ),
    ),
    "A4": Row(
        "a damaged body of other people is erased",
        (
            *_erase("a_damaged_body_without_the_name_is_not_erased_and_is_named"),
            *_tests(
                "faults/test_faults_acts.py",
                "a2_a3_a4_an_erasure_takes_only_what_a_person_confirmed",
            ),
            *_erasing("a_damaged_body_without_the_name_stays_and_is_reported"),
        ),
    ),
    "A5": Row(
        "an erasure is incomplete because of a hold, or because it was killed",
        _erase(
            "rows_that_a_hold_keeps_are_reported_with_status_1",
            "an_erasure_that_was_killed_before_its_purge_is_completed_by_the_same_command",
        ),
    ),
    "A6": Row(
        "a hold covers nobody, or not what arrives after it",
        (
            *_tests("faults/test_faults_acts.py", "a6_a_hold_says_how_many_rows_it_covers"),
            *_tests(
                "raytrail/commands/test_holds.py",
                "a_hold_that_fits_no_row_is_refused_unless_a_person_insists",
                "a_hold_after_the_erasure_of_its_person_is_refused",
                "a_hold_covers_rows_that_arrive_after_it",
            ),
        ),
    ),
    "A7": Row(
        "an import fills a mistyped folder",
        _tests(
            "raytrail/commands/test_import.py",
            "a_folder_without_a_store_is_refused_unless_new_is_given",
            "an_import_that_took_nothing_leaves_nothing_behind",
            "a_store_that_a_service_uses_meanwhile_is_not_removed",
        ),
    ),
    "A8": Row(
        "an import fills a misspelt dataset",
        _tests(
            "raytrail/commands/test_import.py",
            "an_unknown_dataset_is_refused_with_the_nearest_name",
        ),
    ),
}

COME_BACK: Mapping[str, Row] = {
    "O1": Row(
        "an erased person comes back with another cut of the same lines, an archive or a replay",
        (
            *_erase("a_person_does_not_come_back_with_another_cut_of_the_same_lines"),
            *_keep_out(
                "another_cut_of_the_same_lines_does_not_bring_the_person_back",
                "an_archive_with_the_person_does_not_bring_them_back",
                "another_dataset_does_not_bring_the_person_back",
                "a_reassignment_does_not_bring_the_person_back",
                "a_replay_keeps_the_person_out_and_counts_a_batch_once",
                "rejected_lines_with_the_name_are_kept_out_too",
                "the_ledger_alone_restores_a_keep_out_after_the_catalog_is_lost",
            ),
        ),
    ),
    "O2": Row(
        "a person is erased, or a hold placed, while a batch with their records is loaded",
        _keep_out(
            "a_batch_that_is_being_loaded_while_the_person_is_erased_is_read_again",
            "many_erasures_during_a_load_do_not_set_its_batch_aside",
            "a_hold_that_is_placed_while_a_batch_is_loaded_keeps_its_rows_and_its_body",
        ),
    ),
    "O3": Row(
        "a person is erased while a backup is made",
        _restored("a_backup_that_is_made_during_an_erasure_has_nothing_of_the_person"),
    ),
    "O4": Row(
        "a restored backup is older than an erasure",
        (
            *_restored(
                "a_restore_finds_by_the_list_in_the_backup_what_was_erased_later",
                "a_restore_looks_into_the_store_that_is_beside_it",
                "a_person_can_name_the_list_of_erasures",
                "a_store_is_served_again_when_the_person_was_erased_by_name",
                "a_person_may_accept_with_a_reason_that_the_ledger_keeps",
                "an_erasure_without_a_digest_is_named_and_can_only_be_accepted",
                "bodies_that_are_not_decoded_yet_are_named",
            ),
            *_tests(
                "raytrail/commands/test_backup.py",
                "a_backup_that_is_older_than_an_erasure_is_not_served_before_a_person_decides",
            ),
        ),
    ),
}

NAMES: Mapping[str, Row] = {
    "N1": Row(
        "a body or line escapes the name as JSON allows, and stays after an erasure",
        (
            *_tests(
                "store/erasure/test_json_spellings.py",
                "a_name_is_found_in_any_spelling_and_any_cut",
                "a_name_is_found_only_where_the_text_has_it",
            ),
            *_tests(
                "store/erasure/test_hidden_names.py",
                "a_body_that_escapes_the_name_is_erased",
                "a_mention_in_an_escaped_value_is_told",
                "a_line_in_utf_16_with_the_name_is_erased",
            ),
            *_tests("faults/test_faults_names.py", "n1_n2_a_name_is_found_however_it_is_written"),
        ),
    ),
    "N2": Row(
        "a receipt says that nothing is left, though a body cannot be searched",
        _tests(
            "store/erasure/test_hidden_names.py",
            "a_body_and_its_lines_in_another_encoding_are_named",
            "a_damaged_body_of_more_members_than_are_looked_through_is_named",
        ),
    ),
    "N3": Row(
        "another spelling of an erased name keeps its rows, and nobody is told",
        (
            *_tests(
                "raytrail/commands/test_other_spellings.py",
                "an_erasure_ends_with_status_1_while_other_spellings_have_rows",
                "several_names_are_erased_at_once_with_one_count",
                "a_spelling_of_somebody_else_is_recorded_once_and_told_no_more",
                "a_record_of_distinct_names_outlives_the_catalog",
            ),
            *_tests("store/test_names.py", "case_form_and_outer_space_do_not_matter"),
            *_tests("faults/test_faults_names.py", "n3_n4_other_spellings_are_named_and_held"),
        ),
    ),
    "N4": Row(
        "a hold does not cover another spelling of its name",
        (
            *_tests(
                "raytrail/commands/test_other_spellings.py",
                "a_hold_covers_every_spelling_and_the_list_says_so",
                "a_hold_keeps_its_width_when_the_catalog_is_lost",
            ),
            *_tests(
                "store/retention/test_holds.py",
                "a_hold_covers_every_spelling_of_a_name_unless_it_is_exact",
            ),
        ),
    ),
    "N5": Row(
        "no command line can carry the name: NUL, a line break, bytes that are not UTF-8",
        _tests(
            "raytrail/commands/test_user_from.py",
            "every_command_about_a_person_reaches_any_name",
            "bytes_that_are_not_utf_8_are_erased_from_lines_and_bodies",
        ),
    ),
}

STRAYS: Mapping[str, Row] = {
    "S1": Row(
        "an earlier catalog is put back: it does not know the newer files",
        _strays(
            "s1_with_an_earlier_catalog_put_back_no_part_is_deleted",
            "s1_with_an_earlier_catalog_put_back_no_merged_file_is_deleted",
            "s1_the_right_catalog_brings_back_what_an_earlier_one_did_not_know",
        ),
    ),
    "S2": Row(
        "the same, and the files still have their unfinished names",
        _strays("s2_uncommitted_output_that_is_newer_than_the_catalog_is_kept"),
    ),
    "S3": Row(
        "the unfinished name of a committed part is left",
        _strays(
            "s3_a_part_whose_unfinished_name_came_back_is_live",
            "s3_the_end_of_a_part_takes_its_unfinished_name_too",
        ),
    ),
    "S4": Row(
        "a file that we did not write lies in parts/",
        _strays(
            "s4_a_foreign_file_is_moved_and_can_be_put_back",
            "s4_a_file_of_a_disk_without_room_stays_where_it_is",
        ),
    ),
    "S5": Row(
        "a person's rows lie in stray/",
        (
            *_tests(
                "store/erasure/test_strays.py",
                "an_erasure_removes_the_rows_of_a_stray_file_and_keeps_those_of_others",
                "an_erasure_killed_before_or_after_its_commit_is_completed_by_the_next",
                "the_check_finds_a_person_in_a_stray_file",
            ),
            *_tests(
                "store/retention/test_expired_strays.py",
                "a_stray_file_is_removed_by_the_day_of_its_footer",
            ),
        ),
    ),
    "S6": Row(
        "a file in raw/ is not what its name says",
        _tests(
            "store/fsck/test_check.py",
            "a_file_with_the_name_of_a_removed_body_and_other_bytes_is_moved_to_stray",
        ),
    ),
}

LOST_CATALOGS: Mapping[str, Row] = {
    "G1": Row(
        "catalog.sqlite is missing, empty, or damaged past its ledger",
        _rebuild(
            "a_store_with_everything_in_it_is_rebuilt_as_it_was",
            "a_damaged_catalog_is_rebuilt",
            "what_retention_removed_stays_removed",
            "what_an_erasure_removed_stays_removed",
        )
        + _rebuilt("g1_g5_a_lost_catalog_is_rebuilt_as_it_was"),
    ),
    "G2": Row(
        "an older catalog.sqlite is put back",
        _rebuild(
            "an_older_catalog_put_back_is_caught_up",
            "what_an_old_catalog_moved_to_stray_is_moved_back",
        ),
    ),
    "G3": Row(
        "a rebuild is killed",
        _rebuild("a_rebuild_that_is_killed_is_finished_by_the_next"),
    ),
    "G4": Row(
        "catalog and ledger/ are of two stores, or ledger/ ends before the data",
        _rebuild("two_histories_are_refused", "a_ledger_that_ends_before_the_data_is_refused")
        + _rebuilt("g4_g6_g7_without_the_ledger_nothing_removed_comes_back"),
    ),
    "G5": Row(
        "the file of a hold is missing or changed",
        _rebuild("a_lost_criterion_leaves_a_hold_that_covers_more")
        + _rebuilt("g1_g5_a_lost_catalog_is_rebuilt_as_it_was"),
    ),
    "G6": Row(
        "the catalog is lost, and ledger/ is missing or of yesterday",
        _lost_ledger(
            "loaded_merged_rejected_and_unread_batches_are_as_before",
            "the_ledger_of_yesterday_is_continued",
            "what_was_erased_does_not_come_back",
            "rows_past_their_retention_do_not_come_back_while_their_bodies_are_kept",
            "holds_survive",
        )
        + _rebuilt("g4_g6_g7_without_the_ledger_nothing_removed_comes_back"),
    ),
    "G7": Row(
        "without the ledger: a body has no rows, or lines are in two files",
        _lost_ledger(
            "a_batch_without_rows_waits_for_a_decision",
            "a_batch_that_is_left_out_loses_its_body_and_is_not_stored_again",
            "lines_in_two_files_are_reported_and_stand_once",
        )
        + _rebuilt("g4_g6_g7_without_the_ledger_nothing_removed_comes_back"),
    ),
    "G8": Row(
        "catalogs are lost and rolled back at random moments of a random life",
        _tests(
            "system/test_system_sequences.py",
            "some_random_lives_keep_every_line_once",
            "many_random_lives_keep_every_line_once",
        ),
    ),
    "G9": Row(
        "the whole folder is that of yesterday",
        _tests(
            "store/backup/test_backup.py",
            "the_folder_of_yesterday_does_not_replace_a_newer_backup",
        ),
    ),
}

PARTS: Mapping[str, Row] = {
    "P1": Row(
        "a part missing, cut, emptied or replaced, and batches that come later",
        _damage(
            "with_a_damaged_part_later_batches_are_loaded_and_other_days_answered",
            "a_part_that_is_put_back_ends_the_sentence",
            "a_part_that_came_back_with_other_bytes_stays_damaged",
        ),
    ),
    "P2": Row(
        "a question about rows of a damaged part, and one about others",
        (
            *_damage(
                "a_question_that_needs_a_damaged_file_names_it_with_rows_and_day",
                "a_question_that_needs_no_damaged_file_is_answered",
            ),
            *_tests(
                "store/reading/test_damaged_days.py",
                "only_questions_that_may_need_a_row_of_that_day_are_refused",
            ),
        ),
    ),
    "P3": Row(
        "an answer without damaged parts",
        _damage("an_answer_without_damaged_files_is_marked_incomplete_in_every_output"),
    ),
    "P4": Row(
        "a part that may not be read",
        _damage("a_part_that_no_loader_may_read_stops_nothing_and_is_not_called_damaged"),
    ),
    "P5": Row(
        "a damaged part while its raw bodies are kept",
        (
            *_remade(
                "a_damaged_part_is_made_again_while_its_raw_bodies_are_kept",
                "a_damaged_merged_file_is_made_again_while_its_raw_bodies_are_kept",
            ),
            *_tests(
                "raytrail/service/test_compactor.py",
                "a_damaged_file_stops_no_merge_and_is_made_again",
            ),
        ),
    ),
    "P6": Row(
        "a damaged part whose rows cannot be made again",
        (
            *_remade(
                "a_damaged_part_whose_raw_bodies_are_gone_stays_and_nothing_else_stops",
                "a_file_of_which_an_erasure_removed_rows_is_not_made_again_with_them",
            ),
            *_tests(
                "store/replay/test_linked_batches.py",
                "a_damaged_file_skips_only_the_batches_it_may_have_rows_of",
            ),
        ),
    ),
    "P7": Row(
        "a raw body that cannot be read",
        _remade(
            "a_raw_body_that_may_not_be_read_makes_no_other_batch_wait",
            "a_raw_body_on_a_bad_sector_is_one_unread_batch",
        ),
    ),
    "P8": Row(
        "an erasure beside a damaged part",
        _beside_damage(
            "an_erasure_says_which_file_it_could_not_search",
            "an_erasure_makes_a_damaged_file_again_before_it_removes_raw_bodies",
            "an_unknown_name_is_refused_with_the_file_that_may_have_it",
        ),
    ),
    "P9": Row(
        "retention beside a damaged part",
        _beside_damage(
            "retention_removes_what_it_can_and_names_the_file_it_cannot_read",
            "retention_keeps_the_raw_bodies_that_a_damaged_file_is_made_of",
            "a_hold_keeps_every_raw_body_while_a_file_cannot_be_searched_for_its_rows",
        ),
    ),
    "P10": Row(
        "a backup of a store with a damaged part, and its restore",
        _beside_damage(
            "a_backup_has_everything_but_the_damaged_file_and_can_be_restored",
            "a_backup_keeps_the_whole_copy_of_a_file_that_is_damaged_since",
        ),
    ),
    "P11": Row(
        "a part with the content of another one of the same size",
        _tests(
            "faults/test_faults_right_file.py",
            "a_question_that_needs_a_part_with_the_content_of_another_names_it",
            "the_service_makes_swapped_parts_again",
            "parts_without_a_name_are_told_apart_by_their_first_receipt",
            "a_user_whose_name_looks_like_a_footer_makes_no_file_damaged",
        ),
    ),
}

SHELLS = {
    "V1": Row(
        "a shell that could write dies and leaves its log",
        _shells("v1_a_shell_that_dies_changes_no_later_answer"),
    ),
    "V2": Row(
        "a shell that could write stays open while a newer file is published, and writes then",
        _shells("v2_a_shell_that_stays_open_changes_no_later_answer"),
    ),
    "V3": Row(
        "a log that is there already, or where its name cannot be taken",
        _shells(
            "v3_a_log_that_an_earlier_version_let_a_shell_open_is_gone_with_the_next_file",
            "v3_a_log_of_another_database_is_refused_where_its_name_could_not_be_taken",
            "v3_a_stray_log_is_found_and_removed_by_fsck",
            "v3_an_erasure_removes_a_stray_log",
            "a_file_system_without_symbolic_links_has_its_log_removed",
        ),
    ),
    "V4": Row(
        "a copied or moved `audit.duckdb`, alone or with its folder",
        (
            *_shells(
                "v4_a_file_elsewhere_refuses_every_question",
                "v4_a_copied_folder_answers_for_itself_once_it_has_published",
                "analysts_may_see_the_folder_under_another_path",
            ),
            *_tests(
                "raytrail/commands/test_shell.py",
                "a_shell_is_refused_in_a_copied_folder_until_it_has_published",
            ),
        ),
    ),
    "V5": Row(
        "files that leave the store under an open shell",
        _shells(
            "v5_an_open_shell_answers_for_its_snapshot_until_its_grace_is_over",
            "v5_the_grace_begins_when_no_new_shell_can_read_a_file",
            "v5_the_grace_is_a_setting",
            "v5_an_erasure_does_not_wait_for_shells",
            "v5_files_are_not_kept_for_shells_on_a_nearly_full_disk",
            "v5_a_store_of_the_last_version_removes_what_it_retired_as_before",
        ),
    ),
    "V6": Row(
        "`audit.duckdb` missing, damaged or outdated",
        _tests(
            "store/fsck/test_check.py",
            "missing_outdated_or_unreadable_views_are_written_again",
        ),
    ),
    "V7": Row(
        "a question or a shell is ended or killed while its rows are put aside on disk",
        _tests(
            "faults/test_faults_spills.py",
            "v7_a_question_that_is_ended_removes_what_it_spilled",
            "v7_what_a_killed_question_spilled_goes_with_the_next_command",
            "v7_what_a_killed_shell_spilled_goes_once_no_process_has_it_open",
            "v7_a_shell_spills_to_a_folder_that_is_locked_while_it_lives",
            "v7_where_the_data_folder_cannot_be_written_rows_are_spilled_elsewhere",
        ),
    ),
}

LEDGER: Mapping[str, Row] = {
    "E1": Row(
        "killed between the commit and the line in ledger/",
        _ledger("e1_a_kill_at_any_call_leaves_a_ledger_that_the_next_start_completes"),
    ),
    "E2": Row(
        "power cut while a receipt is entered",
        _ledger("e2_a_power_cut_at_any_call_loses_no_line_of_a_receipt"),
    ),
    "E3": Row(
        "a line in ledger/ whose commit is lost",
        _ledger(
            "e3_a_line_whose_commit_a_crash_prevented_is_entered_once",
            "e3_a_line_whose_writer_died_is_replaced_by_the_next_receipt",
            "e3_a_line_whose_writer_died_is_replaced_by_an_act",
            "e3_a_resend_that_is_entered_again_counts",
            "e3_receipts_that_a_power_cut_took_from_the_catalog_are_entered_again",
        ),
    ),
    "E4": Row(
        "a line of ledger/ torn or damaged by a crash",
        _ledger(
            "e4_a_line_torn_at_any_byte_is_written_again",
            "e4_a_line_that_a_power_cut_damaged_before_whole_ones_is_written_again",
            "e4_damage_under_a_running_service_fails_no_batch",
        ),
    ),
    "E5": Row(
        "a sync of ledger/ fails",
        _ledger("e5_a_failed_sync_of_the_ledger_gives_no_receipt_and_is_written_anew"),
    ),
    "E6": Row(
        "an older catalog.sqlite, seen by a start or a sweep",
        _ledger(
            "e6_an_older_catalog_is_refused_and_no_file_is_touched",
            "e6_an_older_catalog_answers_no_question",
        ),
    ),
    "E7": Row(
        "catalog.sqlite missing, emptied or begun anew, with and without ledger/",
        _ledger(
            "e7_a_lost_catalog_is_never_begun_anew",
            "e7_an_emptied_catalog_answers_no_question",
        ),
    ),
    "E8": Row(
        "a page of catalog.sqlite overwritten",
        _ledger(
            "e8_an_overwritten_page_is_found_before_the_first_commit_after_a_kill",
            "e8_a_question_after_a_kill_leaves_the_pages_to_be_checked",
            "e8_a_clean_start_checks_no_page",
        ),
    ),
    "E9": Row(
        "ledger/ missing",
        _ledger(
            "e9_a_missing_ledger_is_refused",
            "e9_a_ledger_that_disappears_under_a_service_gives_no_receipt",
        ),
    ),
    "E10": Row(
        "ledger/ of another store, or with a damaged line",
        _ledger(
            "e10_the_ledger_of_another_store_is_refused",
            "e10_a_damaged_line_before_the_last_is_refused",
        ),
    ),
    "E11": Row(
        "the store of a version without ledger/, and a kill during its upgrade",
        _ledger(
            "e11_the_store_of_an_older_version_gets_its_ledger",
            "e11_an_upgrade_killed_at_any_call_is_completed_by_the_next_start",
        ),
    ),
    "E12": Row(
        "a first start is killed",
        _ledger("e12_a_first_start_killed_at_any_call_can_start_again"),
    ),
}

LEFT_TEXTS: Mapping[str, Row] = {
    "T1": Row(
        "a file written from another lists texts of excluded rows",
        (
            *_pages(
                "a_rewritten_part_lists_no_value_of_the_erased_person",
                "many_large_parts_list_no_name_and_no_value_of_the_erased_person",
            ),
            *_dictionaries(
                "a_dictionary_lists_each_text_that_a_row_has_and_no_other",
                "each_row_group_lists_its_own_texts",
            ),
        ),
    ),
    "T2": Row(
        "a statistic, a bloom filter or a page knows an excluded row",
        _dictionaries("no_page_statistic_or_bloom_filter_knows_an_excluded_row"),
    ),
    "T3": Row(
        "an earlier version left texts of an erased person in live files",
        (
            *_pages(
                "what_an_earlier_version_left_is_found_and_named",
                "the_next_erasure_removes_what_an_earlier_version_left",
            ),
            *_erase(
                "what_an_earlier_version_left_is_named_and_removed_by_the_next_erasure",
            ),
        ),
    ),
    "T4": Row(
        "any byte stays of people erased between loads, merges, backups and restores",
        _tests(
            "store/erasure/test_lives.py",
            "no_byte_of_an_erased_person_stays_in_any_random_life",
            "the_search_notices_what_an_erasure_leaves",
        ),
    ),
    "T5": Row(
        "a name is in a table or kind of file that nobody thought of",
        (
            *_tests(
                "test_architecture.py",
                "every_text_of_the_catalog_is_declared_to_name_a_person_or_not",
            ),
            *_tests(
                "store/erasure/test_places.py",
                "a_name_is_found_in_each_column_of_the_catalog_that_may_have_one",
                "a_name_is_found_in_the_bytes_of_every_other_text_of_the_catalog",
                "a_name_is_found_in_every_kind_of_file",
                "a_name_in_a_file_of_another_program_is_found",
                "every_file_that_a_store_writes_has_a_place",
                "every_path_of_the_layout_has_a_place",
            ),
        ),
    ),
}

EDITS: Mapping[str, Row] = {
    "Y1": Row(
        "a file, a row of the catalog, the ledger or a view edited by hand",
        _tests(
            "faults/test_faults_edits.py",
            "an_edit_is_found_as_the_page_says",
            "the_page_and_the_edits_name_the_same",
        ),
    ),
    "Y2": Row(
        "the state of a loaded batch set back by hand",
        _tests(
            "store/fsck/test_tables.py",
            "a_batch_whose_state_was_set_back_is_not_loaded_again",
            "a_batch_that_no_entry_loaded_is_loaded_though_its_row_names_one",
        ),
    ),
    "Y3": Row(
        "a store or an `audit.duckdb` of an earlier version, which no check may accuse",
        _tests(
            "store/fsck/test_tables.py",
            "a_store_of_an_earlier_version_has_no_finding",
            "views_that_another_version_wrote_are_found_only_beside_a_running_loader",
        ),
    ),
    "Y4": Row(
        "a check that found something, and nobody looked at it",
        _tests("store/fsck/test_tables.py", "doctor_shows_what_the_last_fsck_found_and_when"),
    ),
}

ROWS: Mapping[str, Row] = {
    **PROCESS_DEATH,
    **DISK,
    **FOLDER,
    **BODIES,
    **FRAMING,
    **LINES,
    **REPEATS,
    **CLOCKS,
    **ACTS,
    **COME_BACK,
    **NAMES,
    **STRAYS,
    **LOST_CATALOGS,
    **PARTS,
    **SHELLS,
    **LEDGER,
    **LEFT_TEXTS,
    **EDITS,
}
