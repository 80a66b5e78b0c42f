// exercise: 07
// verdict: TORN_RECORD
// No lock at all. Where no terminal reads, its output comes in blocks, and one client alone shows no record.

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void record(int client, const char *text) {
    printf("client %d:\n", client);
    if (strstr(text, "PANIC")) {
        fprintf(stderr, "panicked: a bug in mid-record\n");
        close(client);
        pthread_exit(NULL);
    }
    printf("  %s\n", text);
}

/* Back to front, letter by letter: a letter begins where a byte does not begin with the bits 10. */
static void turn_round(const char *text, int length, char *reply) {
    for (int end = length; end > 0;) {
        int begin = end - 1;
        while (begin > 0 && (text[begin] & 0xC0) == 0x80)
            begin--;
        memcpy(reply, text + begin, end - begin);
        reply += end - begin;
        end = begin;
    }
}

static void *serve(void *arg) {
    int client = *(int *)arg, length;
    free(arg);
    char message[1025], reply[1024];
    record(client, "has come");
    while ((length = recv(client, message, 1024, 0)) > 0) {
        message[length] = 0;
        record(client, message);
        turn_round(message, length, reply);
        for (int sent = 0, more; sent < length; sent += more)
            if ((more = send(client, reply + sent, length - sent, 0)) < 0)
                break;
    }
    record(client, "has left");
    close(client);
    return NULL;
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 12345)};
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&own, sizeof own) || listen(listener, 50)) {
        perror("listen");
        return 1;
    }
    for (;;) {
        int *client = malloc(sizeof *client);
        *client = accept(listener, NULL, NULL);
        pthread_t thread;
        pthread_create(&thread, NULL, serve, client);
        pthread_detach(thread);
    }
}
