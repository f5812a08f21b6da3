// SPDX-License-Identifier: Apache-2.0
// libfmt's functions, compiled once and linked statically: header-only they cost three seconds in
// every file, and the shared library (Debian ships no other) costs every start of a front end.
#include <fmt/format-inl.h>

#include <locale>

template auto fmt::detail::thousands_sep_impl(locale_ref) -> thousands_sep_result<char>;
template auto fmt::detail::decimal_point_impl(locale_ref) -> char;
template void fmt::detail::buffer<char>::append(const char*, const char*);
template void fmt::detail::vformat_to(buffer<char>&, string_view,
                                      basic_format_args<buffer_context<char>>, locale_ref);
template fmt::detail::locale_ref::locale_ref(const std::locale&);
template auto fmt::detail::locale_ref::get<std::locale>() const -> std::locale;
