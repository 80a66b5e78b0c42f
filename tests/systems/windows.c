/* A rule of Windows, imitated on Linux: shutdown of the receiving direction wakes no `recv` that waits
 * (rust-lang/rust#121594); only one that is called later returns at once, with nothing.
 *
 *     cc -shared -fPIC -o windows.so windows.c -ldl
 *     LD_PRELOAD=$PWD/windows.so PROGRAM
 *
 * A socket is known by its inode, so that all its descriptors (dup(2)) are one socket. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>

enum { PLACES = 1 << 16 };

/* The sockets that receive no more. A newer socket may take an older one's place. */
static ino_t closed[PLACES];

static ino_t inode_of(int socket) {
    struct stat stat;
    return fstat(socket, &stat) == 0 ? stat.st_ino : 0;
}

int shutdown(int socket, int how) {
    int (*next)(int, int) = (int (*)(int, int))dlsym(RTLD_NEXT, "shutdown");
    if (how != SHUT_WR)
        closed[inode_of(socket) % PLACES] = inode_of(socket);
    return how == SHUT_RD ? 0 : next(socket, SHUT_WR);
}

ssize_t recv(int socket, void *buffer, size_t length, int flags) {
    ssize_t (*next)(int, void *, size_t, int) =
        (ssize_t(*)(int, void *, size_t, int))dlsym(RTLD_NEXT, "recv");
    if (closed[inode_of(socket) % PLACES] == inode_of(socket))
        return 0;
    return next(socket, buffer, length, flags);
}
