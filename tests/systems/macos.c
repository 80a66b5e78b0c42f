/* A rule of macOS, imitated on Linux: once a socket can neither send nor receive any more, setsockopt
 * answers EINVAL (XNU: sosetoptlock in bsd/kern/uipc_socket.c; SS_CANTRCVMORE and SS_CANTSENDMORE).
 *
 *     cc -shared -fPIC -o macos.so macos.c -ldl
 *     LD_PRELOAD=$PWD/macos.so PROGRAM
 *
 * A socket is known by its inode, so that all its descriptors (dup(2)) are one socket. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { NO_MORE_IN = 1, NO_MORE_OUT = 2, CONNECTED = 4, PLACES = 1 << 16 };

/* What has been done to a socket. A newer socket may take an older one's place. */
static struct {
    ino_t inode;
    int done;
} known[PLACES];

static ino_t inode_of(int socket) {
    struct stat stat;
    int before = errno;
    ino_t inode = fstat(socket, &stat) == 0 ? stat.st_ino : 0;
    errno = before;
    return inode;
}

static int done_to(int socket) {
    ino_t inode = inode_of(socket);
    return known[inode % PLACES].inode == inode ? known[inode % PLACES].done : 0;
}

static void remember(int socket, int done) {
    ino_t inode = inode_of(socket);
    done |= done_to(socket);
    known[inode % PLACES].inode = inode;
    known[inode % PLACES].done = done;
}

/* What a socket can no longer do: by shutdown, by the peer's end of input, or by a reset. */
static int no_more(int socket) {
    int done = done_to(socket);
    struct tcp_info info;
    socklen_t length = sizeof info;
    int before = errno;
    int is_tcp = getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length) == 0;
    errno = before;
    if (!is_tcp)
        return 0;
    switch (info.tcpi_state) {
    case TCP_CLOSE_WAIT:
        return done | NO_MORE_IN;
    case TCP_FIN_WAIT1:
    case TCP_FIN_WAIT2:
        return done | NO_MORE_OUT;
    case TCP_LAST_ACK:
    case TCP_CLOSING:
    case TCP_TIME_WAIT:
        return NO_MORE_IN | NO_MORE_OUT;
    case TCP_CLOSE: /* a new socket, or one that was reset */
        return done & CONNECTED ? NO_MORE_IN | NO_MORE_OUT : done;
    default:
        return done;
    }
}

int shutdown(int socket, int how) {
    int (*next)(int, int) = (int (*)(int, int))dlsym(RTLD_NEXT, "shutdown");
    int result = next(socket, how);
    if (result == 0)
        remember(socket, (how != SHUT_WR ? NO_MORE_IN : 0) | (how != SHUT_RD ? NO_MORE_OUT : 0));
    return result;
}

int connect(int socket, const struct sockaddr *address, socklen_t length) {
    int (*next)(int, const struct sockaddr *, socklen_t) =
        (int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "connect");
    int result = next(socket, address, length);
    if (result == 0 || errno == EINPROGRESS)
        remember(socket, CONNECTED);
    return result;
}

int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags) {
    int (*next)(int, struct sockaddr *, socklen_t *, int) =
        (int (*)(int, struct sockaddr *, socklen_t *, int))dlsym(RTLD_NEXT, "accept4");
    int socket = next(listener, address, length, flags);
    if (socket >= 0)
        remember(socket, CONNECTED);
    return socket;
}

int setsockopt(int socket, int level, int name, const void *value, socklen_t length) {
    int (*next)(int, int, int, const void *, socklen_t) =
        (int (*)(int, int, int, const void *, socklen_t))dlsym(RTLD_NEXT, "setsockopt");
    int both = NO_MORE_IN | NO_MORE_OUT;
    if ((no_more(socket) & both) == both) {
        errno = EINVAL;
        return -1;
    }
    return next(socket, level, name, value, length);
}
