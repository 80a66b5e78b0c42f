//! The system calls in which threads wait, by their numbers, and the words of `/proc/PID/task/TID/syscall`.

use std::str::FromStr;
use std::time::Duration;

/// What a thread in a call waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Accept,
    /// Reads from the descriptor that is its first argument.
    Read,
    /// Writes to it.
    Write,
    Futex,
    Poll,
    Sleep,
    Signal,
    Process,
    /// A call that a signal has interrupted, and that had a timeout.
    Restarted,
}

/// When a call gives up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    Never,
    /// So long after it began.
    After(Duration),
    /// When this clock shows this time.
    At(Clock, Duration),
    /// At a time that is not told.
    Unknown,
}

/// The clocks of timers (clock_gettime(2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    Monotonic,
    RealTime,
}

/// How a call is told to give up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Timeout {
    Never,
    Always,
    /// By a timespec that this argument points to, unless it is null.
    Pointer(usize),
    /// By a number of milliseconds in this argument, unless it is negative.
    Milliseconds(usize),
}

/// A line of a table: the number of the call, what it waits for, how it gives up.
type Entry = (u64, Kind, Timeout);

/// The table of one architecture.
#[derive(Debug, Clone, Copy)]
pub struct Calls(&'static [Entry]);

/// x86-64: `arch/x86/entry/syscalls/syscall_64.tbl` of Linux.
const X86_64: Calls = Calls(&[
    (0, Kind::Read, Timeout::Never),             // read
    (1, Kind::Write, Timeout::Never),            // write
    (7, Kind::Poll, Timeout::Milliseconds(2)),   // poll
    (19, Kind::Read, Timeout::Never),            // readv
    (20, Kind::Write, Timeout::Never),           // writev
    (23, Kind::Poll, Timeout::Pointer(4)),       // select
    (34, Kind::Signal, Timeout::Never),          // pause
    (35, Kind::Sleep, Timeout::Pointer(0)),      // nanosleep
    (40, Kind::Write, Timeout::Never),           // sendfile
    (43, Kind::Accept, Timeout::Never),          // accept
    (44, Kind::Write, Timeout::Never),           // sendto
    (45, Kind::Read, Timeout::Never),            // recvfrom
    (46, Kind::Write, Timeout::Never),           // sendmsg
    (47, Kind::Read, Timeout::Never),            // recvmsg
    (61, Kind::Process, Timeout::Never),         // wait4
    (128, Kind::Signal, Timeout::Pointer(2)),    // rt_sigtimedwait
    (130, Kind::Signal, Timeout::Never),         // rt_sigsuspend
    (202, Kind::Futex, Timeout::Pointer(3)),     // futex
    (219, Kind::Restarted, Timeout::Always),     // restart_syscall
    (230, Kind::Sleep, Timeout::Pointer(2)),     // clock_nanosleep
    (232, Kind::Poll, Timeout::Milliseconds(3)), // epoll_wait
    (247, Kind::Process, Timeout::Never),        // waitid
    (270, Kind::Poll, Timeout::Pointer(4)),      // pselect6
    (271, Kind::Poll, Timeout::Pointer(2)),      // ppoll
    (281, Kind::Poll, Timeout::Milliseconds(3)), // epoll_pwait
    (288, Kind::Accept, Timeout::Never),         // accept4
    (441, Kind::Poll, Timeout::Pointer(3)),      // epoll_pwait2
]);

/// 64-bit ARM: `include/uapi/asm-generic/unistd.h` of Linux.
const AARCH64: Calls = Calls(&[
    (22, Kind::Poll, Timeout::Milliseconds(3)), // epoll_pwait
    (63, Kind::Read, Timeout::Never),           // read
    (64, Kind::Write, Timeout::Never),          // write
    (65, Kind::Read, Timeout::Never),           // readv
    (66, Kind::Write, Timeout::Never),          // writev
    (71, Kind::Write, Timeout::Never),          // sendfile
    (72, Kind::Poll, Timeout::Pointer(4)),      // pselect6
    (73, Kind::Poll, Timeout::Pointer(2)),      // ppoll
    (95, Kind::Process, Timeout::Never),        // waitid
    (98, Kind::Futex, Timeout::Pointer(3)),     // futex
    (101, Kind::Sleep, Timeout::Pointer(0)),    // nanosleep
    (115, Kind::Sleep, Timeout::Pointer(2)),    // clock_nanosleep
    (128, Kind::Restarted, Timeout::Always),    // restart_syscall
    (133, Kind::Signal, Timeout::Never),        // rt_sigsuspend
    (137, Kind::Signal, Timeout::Pointer(2)),   // rt_sigtimedwait
    (202, Kind::Accept, Timeout::Never),        // accept
    (206, Kind::Write, Timeout::Never),         // sendto
    (207, Kind::Read, Timeout::Never),          // recvfrom
    (211, Kind::Write, Timeout::Never),         // sendmsg
    (212, Kind::Read, Timeout::Never),          // recvmsg
    (242, Kind::Accept, Timeout::Never),        // accept4
    (260, Kind::Process, Timeout::Never),       // wait4
    (441, Kind::Poll, Timeout::Pointer(3)),     // epoll_pwait2
]);

impl Calls {
    /// The table of an architecture, named as [`std::env::consts::ARCH`] names it.
    pub fn of(architecture: &str) -> Option<Self> {
        match architecture {
            "x86_64" => Some(X86_64),
            "aarch64" => Some(AARCH64),
            _ => None,
        }
    }

    /// What a thread in this call waits for, and when it gives up. `timespec` is what stands where
    /// [`Calls::timespec_of`] points to.
    pub fn find(self, call: &Call, timespec: Option<Timespec>) -> Option<(Kind, Timer)> {
        let (kind, timeout, arguments) = self.entry(call)?;
        let timer = match timeout {
            Timeout::Never => Timer::Never,
            Timeout::Always => Timer::Unknown,
            Timeout::Pointer(argument) if arguments[argument] == 0 => Timer::Never,
            Timeout::Pointer(_) => {
                timespec.map_or(Timer::Unknown, |time| timer(kind, arguments, time))
            }
            // The argument is an `int`: bit 31 is its sign.
            Timeout::Milliseconds(argument) if arguments[argument] & (1 << 31) != 0 => Timer::Never,
            Timeout::Milliseconds(argument) => {
                Timer::After(Duration::from_millis(arguments[argument] & 0x7fff_ffff))
            }
        };
        Some((kind, timer))
    }

    /// The address of the timespec that says when a call gives up, in the memory of its process.
    pub fn timespec_of(self, call: &Call) -> Option<u64> {
        match self.entry(call)? {
            (_, Timeout::Pointer(argument), arguments) => {
                Some(arguments[argument]).filter(|address| *address != 0)
            }
            _ => None,
        }
    }

    fn entry(self, call: &Call) -> Option<(Kind, Timeout, [u64; 6])> {
        let Call::In { number, arguments } = call else { return None };
        let (_, kind, timeout) = self.0.iter().find(|(entry, ..)| entry == number)?;
        Some((*kind, *timeout, *arguments))
    }
}

/// A time in the memory of a process: seconds, and nanoseconds below one second. `select` has microseconds in
/// their place, which makes a timer shorter by less than a second.
pub type Timespec = [u64; 2];

/// What a call of this kind means by a time (futex(2), clock_nanosleep(2)).
fn timer(kind: Kind, arguments: [u64; 6], [seconds, nanoseconds]: Timespec) -> Timer {
    const REAL_TIME_FLAG: u64 = 0x100;
    let Some(time) = u32::try_from(nanoseconds).ok().filter(|nanos| *nanos < 1_000_000_000) else {
        return Timer::Unknown;
    };
    let time = Duration::new(seconds, time);
    match (kind, arguments) {
        (Kind::Futex, [_, operation, ..]) => match (operation & 0x7f, operation & REAL_TIME_FLAG) {
            (0, _) => Timer::After(time),                // FUTEX_WAIT
            (9, 0) => Timer::At(Clock::Monotonic, time), // FUTEX_WAIT_BITSET
            (9, _) => Timer::At(Clock::RealTime, time),
            _ => Timer::Unknown,
        },
        // A clock and TIMER_ABSTIME. (In nanosleep these are addresses.)
        (Kind::Sleep, [0, 1, ..]) => Timer::At(Clock::RealTime, time),
        (Kind::Sleep, [1, 1, ..]) => Timer::At(Clock::Monotonic, time),
        _ => Timer::After(time),
    }
}

/// What `/proc/PID/task/TID/syscall` says (proc_pid_syscall(5)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// The thread is not blocked.
    Running,
    /// It is blocked outside of any call.
    Outside,
    /// It is blocked in a call.
    In { number: u64, arguments: [u64; 6] },
}

impl FromStr for Call {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut words = text.split_whitespace();
        match words.next().ok_or(())? {
            "running" => Ok(Self::Running),
            "-1" => Ok(Self::Outside),
            number => {
                let number = number.parse().map_err(drop)?;
                let mut arguments = [0; 6];
                for argument in &mut arguments {
                    let word = words.next().and_then(|word| word.strip_prefix("0x")).ok_or(())?;
                    *argument = u64::from_str_radix(word, 16).map_err(drop)?;
                }
                Ok(Self::In { number, arguments })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_read() {
        assert_eq!("running\n".parse(), Ok(Call::Running));
        assert_eq!("-1 0x7ffd1b289328 0x7fb88437a829\n".parse(), Ok(Call::Outside));
        let text = "45 0x4 0x7fb884274b80 0x10 0x0 0x0 0x0 0x7fb884274b10 0x7fb884383974\n";
        let arguments = [4, 0x7fb8_8427_4b80, 16, 0, 0, 0];
        assert_eq!(text.parse(), Ok(Call::In { number: 45, arguments }));
        for bad in ["", "45", "45 0x4 0x1", "x 0x1 0x2 0x3 0x4 0x5 0x6", "45 4 4 4 4 4 4", "-2 0x0"]
        {
            assert_eq!(bad.parse::<Call>(), Err(()), "{bad}");
        }
    }

    #[test]
    fn a_timeout_is_a_pointer_or_a_number_that_is_not_negative() {
        for (architecture, number, argument) in
            [("x86_64", 232, 3), ("aarch64", 22, 3), ("x86_64", 7, 2)]
        {
            let calls = Calls::of(architecture).into_iter();
            let half = Timer::After(Duration::from_millis(500));
            for (value, wanted) in
                [(0xffff_ffff, Timer::Never), (u64::MAX, Timer::Never), (500, half)]
            {
                let mut arguments = [0; 6];
                arguments[argument] = value;
                let call = Call::In { number, arguments };
                let found = calls.clone().find_map(|calls| calls.find(&call, None));
                assert_eq!(found, Some((Kind::Poll, wanted)), "{architecture} {value}");
            }
        }
        assert!(Calls::of("riscv64").is_none());
    }

    #[test]
    fn a_time_is_counted_from_the_beginning_or_from_a_clocks() {
        let calls = Calls::of("x86_64").into_iter();
        let find = |text: &str, time| {
            let call = text.parse().unwrap_or(Call::Running);
            let address = calls.clone().find_map(|calls| calls.timespec_of(&call));
            assert_eq!(address, Some(0x7f), "{text}");
            calls.clone().find_map(|calls| calls.find(&call, time)).map(|(_, timer)| timer)
        };
        let time = Duration::new(4, 5);
        for (text, wanted) in [
            ("202 0x5b 0x80 0x0 0x7f 0x0 0x0", Timer::After(time)),
            ("202 0x5b 0x89 0x0 0x7f 0x0 0xff", Timer::At(Clock::Monotonic, time)),
            ("202 0x5b 0x189 0x0 0x7f 0x0 0xff", Timer::At(Clock::RealTime, time)),
            ("202 0x5b 0x86 0x0 0x7f 0x0 0xff", Timer::Unknown),
            ("230 0x0 0x0 0x7f 0x7f 0x0 0x0", Timer::After(time)),
            ("230 0x1 0x1 0x7f 0x0 0x0 0x0", Timer::At(Clock::Monotonic, time)),
            ("35 0x7f 0x7f 0x0 0x0 0x0 0x0", Timer::After(time)),
            ("271 0x5b 0x1 0x7f 0x0 0x0 0x0", Timer::After(time)),
        ] {
            assert_eq!(find(text, Some([4, 5])), Some(wanted), "{text}");
            assert_eq!(find(text, None), Some(Timer::Unknown), "{text}");
            assert_eq!(find(text, Some([4, u64::MAX])), Some(Timer::Unknown), "{text}");
        }
    }
}
