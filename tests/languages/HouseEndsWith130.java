// exercise: 08
// verdict: NO_CLEAN_EXIT
// says: exit status: 130, not 0
// Stops tidily at Ctrl-C; a JVM that a signal ends has the status 128 + 2 all the same.

class HouseEndsWith130 {
    public static void main(String[] args) throws java.io.IOException {
        House.halts = false;
        House.main(args);
    }
}
