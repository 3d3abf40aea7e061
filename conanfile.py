"""The Conan 2 recipe of the library. The programs are not packaged.

    conan create . -pr:a tests/package/conan/debian12.profile    # with the packages of Debian 12, no remote needed
"""

import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir

required_conan_version = ">=2.9"  # [platform_requires] with components

# What each optional component links.
COMPONENTS = {"sqlite": ["sqlite3::sqlite3"], "discord": ["libcurl::libcurl"], "http": ["openssl::ssl"]}


class McpgateConan(ConanFile):
    name = "mcpgate"
    license = "Apache-2.0"
    description = "Keys, roles, limits and audit in front of MCP tools"
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "fPIC": [True, False], **{f"with_{name}": [True, False] for name in COMPONENTS}}
    default_options = {"shared": False, "fPIC": True, **{f"with_{name}": True for name in COMPONENTS}}
    implements = ["auto_shared_fpic"]
    exports_sources = "CMakeLists.txt", "cmake/*", "libmcpgate/*", "LICENSE"
    test_package_folder = "tests/package/conan"

    def set_version(self):
        text = load(self, os.path.join(self.recipe_folder, "CMakeLists.txt"))
        self.version = re.search(r"project\(mcpgate VERSION (\S+)", text).group(1)

    def chosen(self):
        return [name for name in COMPONENTS if self.options.get_safe(f"with_{name}")]

    def requirements(self):
        # The first two are in public headers.
        self.requires("nlohmann_json/[>=3.11 <4]", transitive_headers=True)
        self.requires("abseil/[>=20220623]", transitive_headers=True, transitive_libs=True)
        self.requires("fmt/[>=9]")
        self.requires("libsodium/[>=1.0.18 <2]")
        self.requires("re2/[>=20220601]")
        # Boost.JSON is linked; Beast is compiled into the component http.
        self.requires("boost/[>=1.81]")
        if self.options.with_sqlite:
            self.requires("sqlite3/[>=3.37 <4]")
        if self.options.with_discord:
            self.requires("libcurl/[>=7.85 <9]")
        if self.options.with_http:
            self.requires("openssl/[>=3 <4]")

    def validate(self):
        check_min_cppstd(self, 20)
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration("mcpgate is for Linux")

    def layout(self):
        cmake_layout(self)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        for part in ("HOSTS", "EXAMPLES", "TESTS"):
            toolchain.cache_variables[f"MCPGATE_BUILD_{part}"] = False
        for name in COMPONENTS:
            toolchain.cache_variables[f"MCPGATE_WITH_{name.upper()}"] = name in self.chosen()
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        rmdir(self, os.path.join(self.package_folder, "lib", "pkgconfig"))

    def package_info(self):
        # Consumers read the configuration that the project itself installs, so that Conan and a plain prefix give the
        # same targets and the same COMPONENTS. Conan finds it by the folder of a component, not of the package.
        self.cpp_info.set_property("cmake_find_mode", "none")
        core = self.cpp_info.components["mcpgate"]
        core.libs = ["mcpgate"]
        core.builddirs = [os.path.join("lib", "cmake", "mcpgate")]
        core.system_libs = ["pthread"]
        core.requires = ["nlohmann_json::nlohmann_json", "abseil::absl_status", "abseil::absl_statusor",
                         "abseil::absl_any_invocable", "abseil::absl_cord", "abseil::absl_flat_hash_map",
                         "abseil::absl_inlined_vector", "abseil::absl_strings", "boost::json", "fmt::fmt",
                         "libsodium::libsodium", "re2::re2"]
        if self.options.shared:
            core.defines = ["MCPGATE_SHARED"]
        for name in self.chosen():
            part = self.cpp_info.components[name]
            part.libs = [f"mcpgate_{name}"]
            part.requires = ["mcpgate", *COMPONENTS[name]]
