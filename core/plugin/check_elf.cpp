#include "plugin/check_elf.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include <cstdint>
#include <stdexcept>

namespace iac::plugin {
namespace {

struct Dynamic {
    const char* strings = nullptr;
    const ElfW(Sym) * symbols = nullptr;
    const std::uint32_t* gnu_hash = nullptr;
    const std::uint32_t* hash = nullptr;
    std::vector<std::size_t> needs;  // offsets into `strings`
};

// glibc has turned the addresses of the section into real ones when it loaded the library.
template <class T>
const T* at(const ElfW(Dyn) & entry) {
    return reinterpret_cast<const T*>(entry.d_un.d_ptr);  // NOLINT(performance-no-int-to-ptr)
}

Dynamic read(const ElfW(Dyn) * entry) {
    Dynamic dynamic;
    for (; entry->d_tag != DT_NULL; ++entry) {
        if (entry->d_tag == DT_STRTAB) dynamic.strings = at<char>(*entry);
        if (entry->d_tag == DT_SYMTAB) dynamic.symbols = at<ElfW(Sym)>(*entry);
        if (entry->d_tag == DT_GNU_HASH) dynamic.gnu_hash = at<std::uint32_t>(*entry);
        if (entry->d_tag == DT_HASH) dynamic.hash = at<std::uint32_t>(*entry);
        if (entry->d_tag == DT_NEEDED) dynamic.needs.push_back(entry->d_un.d_val);
    }
    return dynamic;
}

// The number of entries of the symbol table, which only its hash tables know.
std::uint32_t countSymbols(const Dynamic& dynamic) {
    if (dynamic.hash != nullptr) return dynamic.hash[1];
    if (dynamic.gnu_hash == nullptr) return 0;
    const std::uint32_t buckets = dynamic.gnu_hash[0], first = dynamic.gnu_hash[1],
                        blooms = dynamic.gnu_hash[2];
    constexpr std::size_t kWords = sizeof(ElfW(Addr)) / sizeof(std::uint32_t);
    const std::uint32_t* bucket = dynamic.gnu_hash + 4 + blooms * kWords;
    const std::uint32_t* chain = bucket + buckets;
    std::uint32_t last = 0;
    for (std::uint32_t i = 0; i < buckets; ++i) last = std::max(last, bucket[i]);
    if (last < first) return first;
    while ((chain[last - first] & 1u) == 0) ++last;  // the lowest bit ends a chain
    return last + 1;
}

bool isExported(const ElfW(Sym) & symbol) {
    const auto visibility = ELF64_ST_VISIBILITY(symbol.st_other);
    return symbol.st_shndx != SHN_UNDEF && ELF64_ST_BIND(symbol.st_info) != STB_LOCAL &&
           (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

}  // namespace

LibraryFacts factsOf(const void* address) {
    Dl_info info{};
    void* found = nullptr;
    if (::dladdr1(address, &info, &found, RTLD_DL_LINKMAP) == 0 || found == nullptr)
        throw std::runtime_error("its descriptor lies in no library");
    const Dynamic dynamic = read(static_cast<const link_map*>(found)->l_ld);
    LibraryFacts facts;
    for (const std::size_t name : dynamic.needs) facts.needs.emplace_back(dynamic.strings + name);
    const std::uint32_t count = countSymbols(dynamic);
    for (std::uint32_t i = 0; i < count; ++i)
        if (isExported(dynamic.symbols[i]))
            facts.exports.emplace_back(dynamic.strings + dynamic.symbols[i].st_name);
    return facts;
}

}  // namespace iac::plugin
