#!/usr/bin/env bash
# A Java thread that waits for a `synchronized` block wakes up again and again, although nothing happens to the lock.
#
# From memory: a thread that wants a taken lock sleeps until the lock is released, and needs no timer for that; so does a
# thread that waits in ReentrantLock.lock().
#
# Seen with OpenJDK 17 on Linux 6.18: of the threads that wait for one monitor, one is made responsible, and looks again by
# itself, after 1 ms at first and then at growing intervals, up to a second: its futex has a timeout all the time, and it
# wakes up at least four times in five seconds. The thread that waits for a ReentrantLock does not run at all. From
# outside, the first looks like a program that polls.
#
# Needs: Linux, apt-get with Debian 12's packages. Fails if the one rests, or the other wakes up.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "${java:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT

cd "$folder"
version=17.0.21.1+2-1~deb12u1
apt-get download -qq openjdk-17-jre-headless="$version" openjdk-17-jdk-headless="$version" 2> log
for package in *.deb; do dpkg -x "$package" system; done
home=$(dirname "$(dirname "$(find "$folder/system" -name javac)")")
cat > Waits.java <<'JAVA'
import java.util.concurrent.locks.ReentrantLock;

class Waits {
    public static void main(String[] args) throws InterruptedException {
        ReentrantLock lock = new ReentrantLock();
        Object monitor = new Object();
        lock.lock();
        synchronized (monitor) {
            new Thread(() -> { synchronized (monitor) { } }, "for-monitor").start();
            new Thread(lock::lock, "for-lock").start();
            System.out.println("ready");
            Thread.sleep(60_000);
        }
    }
}
JAVA
"$home/bin/javac" Waits.java
"$home/bin/java" Waits > output &
java=$!
for _ in $(seq 200); do grep -q ready output 2>/dev/null && break; sleep 0.05; done
sleep 3 # the intervals have grown by then

waits() {
    local task
    for task in /proc/"$java"/task/*; do
        [ "$(cat "$task/comm")" = "$1" ] && sed -n 's/^voluntary_ctxt_switches:\t//p' "$task/status"
    done
}

monitor=$(waits for-monitor) lock=$(waits for-lock)
sleep 5
monitor=$(($(waits for-monitor) - monitor)) lock=$(($(waits for-lock) - lock))
"$home/bin/java" -version 2>&1 | head -1
echo "in 5 s, the thread that waits for a monitor woke up $monitor times, the one that waits for a ReentrantLock $lock times"
[ "$monitor" -ge 4 ] && [ "$lock" -eq 0 ]
