/* The main file of a module: the first in the scope in which its libraries are bound. */
static int status = -1, threads;
int engine_calls(void);

void ark_hook_exit(int value) { status = value; }
int ark_hook_pthread_create(void) { return 1000 + ++threads; }
int main_status(void) { return status; }
int main_calls(void) { return engine_calls(); }
