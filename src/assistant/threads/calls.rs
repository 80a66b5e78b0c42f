//! The system calls in which threads wait, by their numbers, and the words of `/proc/PID/task/TID/syscall`.

use std::str::FromStr;

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

/// How a call is told to give up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Timeout {
    Never,
    Always,
    /// By a pointer in this argument, unless it is null.
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
    (35, Kind::Sleep, Timeout::Always),          // nanosleep
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
    (230, Kind::Sleep, Timeout::Always),         // clock_nanosleep
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
    (101, Kind::Sleep, Timeout::Always),        // nanosleep
    (115, Kind::Sleep, Timeout::Always),        // clock_nanosleep
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

    /// What a thread in this call waits for, and whether it has a timeout.
    pub fn find(self, call: &Call) -> Option<(Kind, bool)> {
        let Call::In { number, arguments } = call else { return None };
        let (_, kind, timeout) = self.0.iter().find(|(entry, ..)| entry == number)?;
        let has_timeout = match *timeout {
            Timeout::Never => false,
            Timeout::Always => true,
            Timeout::Pointer(argument) => arguments[argument] != 0,
            // The argument is an `int`: bit 31 is its sign.
            Timeout::Milliseconds(argument) => arguments[argument] & (1 << 31) == 0,
        };
        Some((*kind, has_timeout))
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
            for (value, wanted) in [(0xffff_ffff, false), (u64::MAX, false), (500, true)] {
                let mut arguments = [0; 6];
                arguments[argument] = value;
                let call = Call::In { number, arguments };
                let found = calls.clone().find_map(|calls| calls.find(&call));
                assert_eq!(found, Some((Kind::Poll, wanted)), "{architecture} {value}");
            }
        }
        assert!(Calls::of("riscv64").is_none());
    }
}
