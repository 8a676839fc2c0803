// SPDX-License-Identifier: Apache-2.0

@main
struct Framewatch {
    static func main() {}
}
