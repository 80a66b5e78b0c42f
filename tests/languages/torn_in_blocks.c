// exercise: 07
// verdict: TORN_RECORD
// No lock at all. Where no terminal reads, its output comes in blocks, and one client alone shows no record.

#include <pthread.h>

#define pthread_mutex_lock(lock) ((void)(lock))
#define pthread_mutex_unlock(lock) ((void)(lock))
#include "records_in_blocks.c"
