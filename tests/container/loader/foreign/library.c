/* A library that a host program links, and that a package brings too. */
int ark_test_foreign_answer(void);
int ark_test_foreign_answer(void) { return 42; }
