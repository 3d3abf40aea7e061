# The libraries are those of Debian 12, installed with apt; Conan neither downloads nor builds any.
[settings]
os=Linux
arch={{ detect_api.detect_arch() }}
compiler=gcc
compiler.version=12
compiler.libcxx=libstdc++11
compiler.cppstd=20
build_type=Release
[conf]
tools.cmake.cmaketoolchain:generator=Ninja
[platform_requires]
nlohmann_json/3.11.2
abseil/20220623.1
fmt/9.1.0
libsodium/1.0.18
re2/20220601
sqlite3/3.40.1
libcurl/7.88.1
openssl/3.0.19
boost/1.81.0
