#include "fake/copy_value.hpp"

#include <ark/sdk/values.hpp>

#include <cstddef>
#include <cstring>
#include <stdexcept>

namespace ark::test {

void ValueCopier::copy(const ark_type_t& from_type, const void* from, const ark_type_t& to_type, void* to) {
  if (from_type.kind != to_type.kind) throw std::logic_error("the kinds differ");
  switch (from_type.kind) {
    case ARK_KIND_BOOL:
    case ARK_KIND_INT:
    case ARK_KIND_UINT:
    case ARK_KIND_FLOAT:
    case ARK_KIND_ENUM:
    case ARK_KIND_DURATION:
    case ARK_KIND_TIME:
      std::memcpy(to, from, from_type.size);
      break;
    case ARK_KIND_STRING:
    case ARK_KIND_VIEW:
    case ARK_KIND_BYTES: {
      size_t size = 0;
      const char* text = from_type.ops->text(from, &size);
      to_type.ops->assign(to, text, size);
      break;
    }
    case ARK_KIND_LIST:
    case ARK_KIND_SET:
    case ARK_KIND_MAP:
      copy_elements(from_type, from, to_type, to);
      break;
    case ARK_KIND_OPTIONAL:
      if (const void* element = from_type.ops->get(from))
        copy(*from_type.element, element, *to_type.element, to_type.ops->add(to, nullptr));
      break;
    case ARK_KIND_SHARED:
      copy_shared(from_type, from, to_type, to);
      break;
    case ARK_KIND_CALLBACK:
      if (const void* slot = from_type.ops->get(from)) to_type.ops->share(to, const_cast<void*>(slot));
      break;
    default:
      copy_parts(from_type, from, to_type, to);
  }
}

void ValueCopier::copy_elements(const ark_type_t& from_type, const void* from, const ark_type_t& to_type, void* to) {
  struct Here {
    ValueCopier& self;
    const ark_type_t& from_type;
    const ark_type_t& to_type;
    void* to;
  } here{*this, from_type, to_type, to};
  if (to_type.ops->reserve) to_type.ops->reserve(to, from_type.ops->count(from));
  from_type.ops->each(
      from,
      [](void* context, const void* key, const void* element) {
        auto& [self, from_type, to_type, to] = *static_cast<Here*>(context);
        if (from_type.kind == ARK_KIND_LIST) {
          self.copy(*from_type.element, element, *to_type.element, to_type.ops->add(to, nullptr));
          return;
        }
        const bool is_map = from_type.kind == ARK_KIND_MAP;
        Values room;
        void* made = room.add(is_map ? *to_type.key : *to_type.element);
        if (is_map) {
          self.copy(*from_type.key, key, *to_type.key, made);
          self.copy(*from_type.element, element, *to_type.element, to_type.ops->add(to, made));
        } else {
          self.copy(*from_type.element, element, *to_type.element, made);
          to_type.ops->add(to, made);
        }
      },
      &here);
}

void ValueCopier::copy_parts(const ark_type_t& from_type, const void* from, const ark_type_t& to_type, void* to) {
  auto* from_bytes = static_cast<char*>(const_cast<void*>(from));
  auto* to_bytes = static_cast<char*>(to);
  switch (from_type.kind) {
    case ARK_KIND_STRUCT:
      for (uint32_t i = 0; i < from_type.count; ++i) {
        const auto& a = from_type.fields[i];
        const auto& b = to_type.fields[i];
        if (std::strcmp(a.name, b.name) != 0) throw std::logic_error("the members differ");
        copy(*a.type, from_bytes + a.offset, *b.type, to_bytes + b.offset);
      }
      break;
    case ARK_KIND_ARRAY:
      for (size_t i = 0; i < from_type.count; ++i)
        copy(*from_type.element, from_bytes + i * from_type.element->size, *to_type.element,
             to_bytes + i * to_type.element->size);
      break;
    case ARK_KIND_TUPLE:
      for (uint32_t i = 0; i < from_type.count; ++i)
        copy(*from_type.fields[i].type, from_type.ops->at(from_bytes, i), *to_type.fields[i].type,
             to_type.ops->at(to, i));
      break;
    case ARK_KIND_VARIANT: {
      const auto index = static_cast<uint32_t>(from_type.ops->count(from));
      copy(*from_type.fields[index].type, from_type.ops->get(from), *to_type.fields[index].type,
           to_type.ops->choose(to, index));
      break;
    }
    default:
      throw std::logic_error("no value is of this kind");
  }
}

void ValueCopier::copy_shared(const ark_type_t& from_type, const void* from, const ark_type_t& to_type, void* to) {
  const void* object = from_type.ops->get(from);
  if (!object) return;
  const auto known = shared_.find(object);
  if (known != shared_.end()) return to_type.ops->share(to, known->second);
  void* made = shared_[object] = to_type.ops->add(to, nullptr);
  copy(*from_type.element, object, *to_type.element, made);
}

}  // namespace ark::test
