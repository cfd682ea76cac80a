/* A disk that says "written" and has not: with this library before it, a process believes that its files are safe.
   It stands in for synchronous=NORMAL, of which the server has no switch; the power cut has to show the difference. */
int fsync(int file) { (void)file; return 0; }
int fdatasync(int file) { (void)file; return 0; }
