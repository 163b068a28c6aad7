/* The shared object that the target elf begins with: a bit of everything that is read of one. */
extern int needed(void);
__thread int local = 1;
__attribute__((constructor)) static void begin(void) { ++local; }
__attribute__((destructor)) static void end(void) { --local; }
int offered(void) { return needed() + local; }
