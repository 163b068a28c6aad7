// libxml2 brings ICU: C++ with static objects, and thirty megabytes of data.
#include <ark/sdk.hpp>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include <cstring>
#include <stdexcept>
#include <string>

namespace {

class Xml {
 public:
  explicit Xml(ark::Context& ctx) {
    static const char kText[] = "<order><customer>Ada</customer></order>";
    xmlDoc* document = xmlReadMemory(kText, sizeof kText - 1, "order.xml", nullptr, 0);
    if (!document) throw std::runtime_error("it cannot be parsed");
    xmlChar* customer = xmlNodeGetContent(xmlDocGetRootElement(document));
    const bool is_ada = std::strcmp(reinterpret_cast<const char*>(customer), "Ada") == 0;
    xmlFree(customer);
    xmlFreeDoc(document);
    if (!is_ada) throw std::runtime_error("the customer has another name");
    ctx.log().info(std::string("used libxml2 ") + xmlParserVersion);
  }
  ~Xml() { xmlCleanupParser(); }
};

}  // namespace

ARK_BIZ(Xml)
