//! The servers, a file for each. They are one program, because nearly two hundred take long to link.

/// Declares the modules, and the table of their names.
macro_rules! servers {
    ($($name:ident)*) => {
        /// Each server's name, and its `main`.
        pub const SERVERS: &[(&str, fn())] = &[$((stringify!($name), $name::main)),*];
    };
}

mod a_char_for_each_byte;
mod a_limit_in_place_of_a_queue;
mod a_line_behind_the_last;
mod a_lock_for_each_client;
mod a_lock_for_each_half;
mod a_patience_of_its_own;
mod a_reader_for_each_line;
mod a_reply_for_each_read;
mod a_thread_for_each_half_line;
mod accepts_no_more;
mod accepts_two_for_one;
mod answer_read_as_a_line;
mod answer_read_to_the_end;
mod answer_to_the_newest;
mod answer_without_newline;
mod answer_written_under_the_lock;
mod answers_the_unfinished;
mod ascii_only;
mod asks_for_room_always;
mod bug_taken_out;
mod bug_turned_into_a_return;
mod bye_in_another_turn;
mod bye_is_only_reported;
mod bye_not_passed_on;
mod catches_its_panics;
mod chat_dies_of_a_reset;
mod chat_in_one_thread;
mod chat_in_turn;
mod chat_kept_back;
mod chat_locked_to_its_end;
mod chat_one_thread_for_all;
mod chat_prompt_in_a_line;
mod chat_prompt_kept_back;
mod chat_spawn_then_join;
mod chatty_reverse;
mod chatty_upper;
mod clears_what_it_has_kept;
mod clients_reported_in_turn;
mod closes_the_idle;
mod closes_the_slow;
mod console_under_lock_of_std;
mod count_by_the_threads;
mod count_down_a_copy;
mod count_locked_for_the_game;
mod count_read_by_the_threads;
mod count_read_then_written;
mod count_up_a_copy;
mod counts_a_copy;
mod counts_from_zero;
mod counts_in_the_thread;
mod counts_those_who_answer;
mod counts_twice;
mod ctrl_c_unhandled;
mod dies_of_a_failed_write;
mod dies_of_impatience;
mod drops_what_does_not_fit;
mod empty_line_ends_all;
mod empty_line_ends_the_client;
mod end_of_input_is_too_slow;
mod end_of_operator_is_a_line;
mod ends_with_first_client;
mod every_error_is_too_slow;
mod exits_at_once;
mod exits_on_quit;
mod fails_at_ctrl_c;
mod five_workers_for_all;
mod flag_without_knock;
mod forgets_half_a_line;
mod forgets_the_rest;
mod forgets_to_close_after_a_panic;
mod fraction_of_the_patience;
mod full_buffer_means_more;
mod gives_places_back_at_once;
mod guard_in_if_let;
mod guard_in_match;
mod guard_in_while_let;
mod guard_that_is_none;
mod half_a_line_at_the_end;
mod half_a_line_stops_all;
mod half_a_line_without_end;
mod half_line_of_one_who_left;
mod half_reply;
mod house_in_other_words;
mod house_with_a_clock;
mod ignores_end_of_input;
mod joins_idle_threads;
mod keeps_places_in_main;
mod keeps_the_refused;
mod keeps_those_who_left;
mod last_reply_only;
mod leaks_on_disconnect;
mod leaks_on_panic;
mod leaks_on_reset;
mod letter_by_letter;
mod limit_that_blocks;
mod limits_only_half_lines;
mod line_limit_for_all_lines;
mod line_without_an_end;
mod lines_by_a_reader;
mod lines_by_hand;
mod lines_byte_by_byte;
mod lines_flood_at_the_end;
mod lines_in_turn;
mod lines_of_text_only;
mod lines_spin_at_the_end;
mod lines_under_a_lock;
mod lingers_for_the_refused;
mod lingers_in_a_thread;
mod listens_late_on_both;
mod lock_around_print_only;
mod lock_around_the_read;
mod lock_for_each_half_in_turn;
mod lock_for_the_conversation;
mod lock_from_accept_to_end;
mod lock_in_the_loop;
mod locks_twice;
mod long_line_is_several;
mod long_line_that_is_complete;
mod looks_before_it_counts;
mod loses_empty_lines;
mod lost_without_the_lock;
mod lower_case;
mod max_in_all;
mod never_accepts;
mod never_listens;
mod newline_added;
mod no_bug_to_survive;
mod no_limit;
mod no_number;
mod no_patience;
mod no_turns;
mod number_after_the_answer;
mod number_comes_later;
mod number_on_the_console;
mod number_skipped_by_resets;
mod number_without_newline;
mod numbers_used_twice;
mod numbers_without_end;
mod ok_for_a_dash;
mod one_buffer_for_all;
mod one_line_for_each_poll;
mod one_line_for_each_read;
mod one_reply;
mod one_slow_reply;
mod one_thread_for_all;
mod one_too_many;
mod panic_ends_all;
mod panics_at_start;
mod partings_without_the_lock;
mod patience_in_other_words;
mod players_in_other_words;
mod poisoned_for_ever;
mod poll_that_does_not_wait;
mod polled_bytes_reversed;
mod polled_in_other_words;
mod polled_text_only;
mod polled_to_the_last_byte;
mod polls_every_millisecond;
mod pool_counts_no_panic;
mod pool_for_quick_thinkers;
mod pool_guard_in_if_let;
mod pool_guard_in_match;
mod pool_guard_in_while_let;
mod pool_guard_with_a_name;
mod pool_keeps_the_refused;
mod pool_last_comes_first;
mod pool_lingers_for_the_refused;
mod pool_of_one;
mod pool_of_one_more;
mod pool_of_waiting_threads;
mod pool_refuses_without_a_word;
mod pool_that_gives_up;
mod pool_that_grows;
mod pool_that_hires_again;
mod pool_that_hires_late;
mod pool_that_joins;
mod pool_that_refuses_late;
mod pool_that_restarts_once;
mod pool_that_starts_afresh;
mod pool_waits_for_the_refused;
mod pool_with_a_condvar;
mod pool_without_its_bug;
mod port_taken;
mod prints_no_more_after_a_panic;
mod prompt_without_message;
mod queue_for_each_worker;
mod queue_that_is_waited_for;
mod queue_without_a_limit;
mod quit_anywhere;
mod quit_word_as_a_beginning;
mod quit_word_behind_blanks;
mod quit_word_in_a_line;
mod quit_word_in_the_chunk;
mod reads_to_the_end;
mod reads_while_bytes_arrive;
mod record_begun_too_early;
mod records_in_blocks;
mod records_without_a_lock;
mod refused_and_kept;
mod refused_in_other_words;
mod refused_take_places;
mod refused_without_a_word;
mod refused_without_newline;
mod replies_to_the_end_of_input;
mod reverse_one_thread_for_all;
mod reverse_spins;
mod reverses_bytes;
mod room_a_line_for_each_read;
mod room_arrivals_untold;
mod room_departures_untold;
mod room_drop_that_locks;
mod room_echo;
mod room_ends_reading_only;
mod room_for_one;
mod room_full_but_open;
mod room_half_a_line_at_the_end;
mod room_keeps_its_threads;
mod room_keeps_the_departed;
mod room_leaves_bad_bytes_out;
mod room_lines_without_a_limit;
mod room_locked_while_reading;
mod room_locks_twice;
mod room_of_text_only;
mod room_one_writer_for_all;
mod room_panics_when_an_outbox_is_full;
mod room_punishes_the_speaker;
mod room_raw_text;
mod room_sends_and_waits;
mod room_that_waits_for_nobody;
mod room_throws_lines_away;
mod room_torn_lines;
mod room_tries_again_and_again;
mod room_unbounded_outbox;
mod room_waits_unlocked;
mod room_with_a_condvar;
mod room_with_a_write_timeout;
mod room_with_larger_outboxes;
mod room_without_a_pace;
mod room_written_under_the_lock;
mod session_spins;
mod silent;
mod silent_on_bytes;
mod sleeps_for_its_patience;
mod slow_chat;
mod slow_greeter;
mod slow_house;
mod slow_lines;
mod slow_reverse;
mod slow_turns;
mod slow_upper;
mod small_buffer;
mod spawn_then_join;
mod spins_for_its_patience;
mod stale_bytes;
mod ten_messages;
mod told_with_a_zero_behind;
mod too_slow_again_and_again;
mod too_slow_and_stays;
mod too_slow_for_everybody;
mod too_slow_in_other_words;
mod too_slow_on_the_console;
mod too_slow_unsaid;
mod too_slow_without_newline;
mod torn_in_blocks;
mod tries_a_failed_write_again;
mod tries_the_lock_again_and_again;
mod trims_before_it_reverses;
mod trims_carriage_returns;
mod trims_the_message;
mod turned_away_after_a_panic;
mod turns_by_one_thread;
mod turns_by_the_loop_that_accepts;
mod turns_the_knock_away;
mod turns_under_lock_of_std;
mod two_places_always;
mod two_replies;
mod unlocked_after_a_panic;
mod unsent_without_end;
mod unwrap_on_reset;
mod unwrap_on_text;
mod variables_of_the_loop;
mod waits_for_a_full_buffer;
mod waits_for_newline;
mod waits_for_the_refused;
mod waits_for_the_slow_to_close;
mod waits_to_fill_its_buffer;
mod whole_buffer_sent;
mod windows_lines_never_quit;
mod worker_lost_to_a_panic;
mod worker_lost_to_a_reset;
mod workers_that_accept;
mod workers_that_start_threads;
mod workers_that_take_one_client;
mod write_that_waits;
mod written_under_the_lock;
mod wrong_port;
mod wrong_replies_without_end;

servers! {
    a_char_for_each_byte
    a_limit_in_place_of_a_queue
    a_line_behind_the_last
    a_lock_for_each_client
    a_lock_for_each_half
    a_patience_of_its_own
    a_reader_for_each_line
    a_reply_for_each_read
    a_thread_for_each_half_line
    accepts_no_more
    accepts_two_for_one
    answer_read_as_a_line
    answer_read_to_the_end
    answer_to_the_newest
    answer_without_newline
    answer_written_under_the_lock
    answers_the_unfinished
    ascii_only
    asks_for_room_always
    bug_taken_out
    bug_turned_into_a_return
    bye_in_another_turn
    bye_is_only_reported
    bye_not_passed_on
    catches_its_panics
    chat_dies_of_a_reset
    chat_in_one_thread
    chat_in_turn
    chat_kept_back
    chat_locked_to_its_end
    chat_one_thread_for_all
    chat_prompt_in_a_line
    chat_prompt_kept_back
    chat_spawn_then_join
    chatty_reverse
    chatty_upper
    clears_what_it_has_kept
    clients_reported_in_turn
    closes_the_idle
    closes_the_slow
    console_under_lock_of_std
    count_by_the_threads
    count_down_a_copy
    count_locked_for_the_game
    count_read_by_the_threads
    count_read_then_written
    count_up_a_copy
    counts_a_copy
    counts_from_zero
    counts_in_the_thread
    counts_those_who_answer
    counts_twice
    ctrl_c_unhandled
    dies_of_a_failed_write
    dies_of_impatience
    drops_what_does_not_fit
    empty_line_ends_all
    empty_line_ends_the_client
    end_of_input_is_too_slow
    end_of_operator_is_a_line
    ends_with_first_client
    every_error_is_too_slow
    exits_at_once
    exits_on_quit
    fails_at_ctrl_c
    five_workers_for_all
    flag_without_knock
    forgets_half_a_line
    forgets_the_rest
    forgets_to_close_after_a_panic
    fraction_of_the_patience
    full_buffer_means_more
    gives_places_back_at_once
    guard_in_if_let
    guard_in_match
    guard_in_while_let
    guard_that_is_none
    half_a_line_at_the_end
    half_a_line_stops_all
    half_a_line_without_end
    half_line_of_one_who_left
    half_reply
    house_in_other_words
    house_with_a_clock
    ignores_end_of_input
    joins_idle_threads
    keeps_places_in_main
    keeps_the_refused
    keeps_those_who_left
    last_reply_only
    leaks_on_disconnect
    leaks_on_panic
    leaks_on_reset
    letter_by_letter
    limit_that_blocks
    limits_only_half_lines
    line_limit_for_all_lines
    line_without_an_end
    lines_by_a_reader
    lines_by_hand
    lines_byte_by_byte
    lines_flood_at_the_end
    lines_in_turn
    lines_of_text_only
    lines_spin_at_the_end
    lines_under_a_lock
    lingers_for_the_refused
    lingers_in_a_thread
    listens_late_on_both
    lock_around_print_only
    lock_around_the_read
    lock_for_each_half_in_turn
    lock_for_the_conversation
    lock_from_accept_to_end
    lock_in_the_loop
    locks_twice
    long_line_is_several
    long_line_that_is_complete
    looks_before_it_counts
    loses_empty_lines
    lost_without_the_lock
    lower_case
    max_in_all
    never_accepts
    never_listens
    newline_added
    no_bug_to_survive
    no_limit
    no_number
    no_patience
    no_turns
    number_after_the_answer
    number_comes_later
    number_on_the_console
    number_skipped_by_resets
    number_without_newline
    numbers_used_twice
    numbers_without_end
    ok_for_a_dash
    one_buffer_for_all
    one_line_for_each_poll
    one_line_for_each_read
    one_reply
    one_slow_reply
    one_thread_for_all
    one_too_many
    panic_ends_all
    panics_at_start
    partings_without_the_lock
    patience_in_other_words
    players_in_other_words
    poisoned_for_ever
    poll_that_does_not_wait
    polled_bytes_reversed
    polled_in_other_words
    polled_text_only
    polled_to_the_last_byte
    polls_every_millisecond
    pool_counts_no_panic
    pool_for_quick_thinkers
    pool_guard_in_if_let
    pool_guard_in_match
    pool_guard_in_while_let
    pool_guard_with_a_name
    pool_keeps_the_refused
    pool_last_comes_first
    pool_lingers_for_the_refused
    pool_of_one
    pool_of_one_more
    pool_of_waiting_threads
    pool_refuses_without_a_word
    pool_that_gives_up
    pool_that_grows
    pool_that_hires_again
    pool_that_hires_late
    pool_that_joins
    pool_that_refuses_late
    pool_that_restarts_once
    pool_that_starts_afresh
    pool_waits_for_the_refused
    pool_with_a_condvar
    pool_without_its_bug
    port_taken
    prints_no_more_after_a_panic
    prompt_without_message
    queue_for_each_worker
    queue_that_is_waited_for
    queue_without_a_limit
    quit_anywhere
    quit_word_as_a_beginning
    quit_word_behind_blanks
    quit_word_in_a_line
    quit_word_in_the_chunk
    reads_to_the_end
    reads_while_bytes_arrive
    record_begun_too_early
    records_in_blocks
    records_without_a_lock
    refused_and_kept
    refused_in_other_words
    refused_take_places
    refused_without_a_word
    refused_without_newline
    replies_to_the_end_of_input
    reverse_one_thread_for_all
    reverse_spins
    reverses_bytes
    room_a_line_for_each_read
    room_arrivals_untold
    room_departures_untold
    room_drop_that_locks
    room_echo
    room_ends_reading_only
    room_for_one
    room_full_but_open
    room_half_a_line_at_the_end
    room_keeps_its_threads
    room_keeps_the_departed
    room_leaves_bad_bytes_out
    room_lines_without_a_limit
    room_locked_while_reading
    room_locks_twice
    room_of_text_only
    room_one_writer_for_all
    room_panics_when_an_outbox_is_full
    room_punishes_the_speaker
    room_raw_text
    room_sends_and_waits
    room_that_waits_for_nobody
    room_throws_lines_away
    room_torn_lines
    room_tries_again_and_again
    room_unbounded_outbox
    room_waits_unlocked
    room_with_a_condvar
    room_with_a_write_timeout
    room_with_larger_outboxes
    room_without_a_pace
    room_written_under_the_lock
    session_spins
    silent
    silent_on_bytes
    sleeps_for_its_patience
    slow_chat
    slow_greeter
    slow_house
    slow_lines
    slow_reverse
    slow_turns
    slow_upper
    small_buffer
    spawn_then_join
    spins_for_its_patience
    stale_bytes
    ten_messages
    told_with_a_zero_behind
    too_slow_again_and_again
    too_slow_and_stays
    too_slow_for_everybody
    too_slow_in_other_words
    too_slow_on_the_console
    too_slow_unsaid
    too_slow_without_newline
    torn_in_blocks
    tries_a_failed_write_again
    tries_the_lock_again_and_again
    trims_before_it_reverses
    trims_carriage_returns
    trims_the_message
    turned_away_after_a_panic
    turns_by_one_thread
    turns_by_the_loop_that_accepts
    turns_the_knock_away
    turns_under_lock_of_std
    two_places_always
    two_replies
    unlocked_after_a_panic
    unsent_without_end
    unwrap_on_reset
    unwrap_on_text
    variables_of_the_loop
    waits_for_a_full_buffer
    waits_for_newline
    waits_for_the_refused
    waits_for_the_slow_to_close
    waits_to_fill_its_buffer
    whole_buffer_sent
    windows_lines_never_quit
    worker_lost_to_a_panic
    worker_lost_to_a_reset
    workers_that_accept
    workers_that_start_threads
    workers_that_take_one_client
    write_that_waits
    written_under_the_lock
    wrong_port
    wrong_replies_without_end
}
