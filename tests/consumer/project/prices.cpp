namespace acme {

int next_price() {
  static int price = 0;
  return ++price;
}

}  // namespace acme
