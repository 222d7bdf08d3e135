// Feeds files to a target once each, where there is no libFuzzer: so that what was found once is
// tried in every build.
// Usage: fuzz_TARGET [-OPTION...] FOLDER    (options are libFuzzer's, and mean nothing here)
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "target.hpp"

int main(int argc, char** argv) {
    std::vector<std::filesystem::path> files;
    for (int i = 1; i < argc; ++i)
        if (argv[i][0] != '-')
            for (const auto& entry : std::filesystem::directory_iterator(argv[i]))
                files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
        std::cout << file.filename().string() << std::endl;  // the last one named is the one
        std::ifstream stream(file, std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    }
    if (files.empty()) std::cerr << "There is no file to feed.\n";
    return files.empty() ? 1 : 0;
}
