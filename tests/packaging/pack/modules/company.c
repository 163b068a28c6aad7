/* A library of somebody's own. */
int company_secret(void) { return 7; }
