int ark_test_own_answer(void);
int ark_test_own_answer(void) { return 43; }
