/* A library that the engine needs, with versions. */
int parts_count(void) {
  static int count;
  return ++count;
}
