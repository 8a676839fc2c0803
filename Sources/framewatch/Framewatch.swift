// SPDX-License-Identifier: Apache-2.0

// C declares `stdout` as a variable.
@preconcurrency import Glibc
import Host
import MainLoop

@main
struct Framewatch {
    static let version = "0.1.0"

    static func main() async {
        Host.occupyStandardDescriptors()
        let surroundings = Surroundings(environment: Host.environment) { path throws(Host.ReadError) in
            try Host.text(ofFile: path, limit: ConfigurationFile.longest)
        }
        do {
            let words = Array(CommandLine.arguments.dropFirst())
            let status = await perform(try Invocation(words: words, surroundings: surroundings))
            // `print` is silent about what it could not write, now or before.
            guard fflush(stdout) == 0 && ferror(stdout) == 0 else {
                complain("cannot write all of it to the standard output")
                exit(EX_IOERR)
            }
            exit(status)
        } catch {
            complain(error.description)
            exit(EX_USAGE)
        }
    }

    private static func perform(_ invocation: Invocation) async -> CInt {
        switch invocation {
        case .show(let text):
            print(text, terminator: "")
            return EX_OK
        case .simulate(let options): return await simulate(options)
        case .relay(let configuration):
            return await serve { () throws(Complaint) in try await Service(.relay, configuration).run() }
        case .run(let configuration):
            return await serve { () throws(Complaint) in try await Service(.receive, configuration).run() }
        case .camera(let options):
            return await serve { () throws(Complaint) in try await CameraService(options).run() }
        case .incidents(let options):
            do throws(Complaint) {
                try ShowIncidents(options).run(warn: complain)
                return EX_OK
            } catch {
                complain(error.description)
                return EX_UNAVAILABLE
            }
        case .unavailable(let command):
            return await serve { () throws(Complaint) in throw Complaint("\(command) comes with a later version") }
        }
    }

    @MainLoop
    private static func serve(_ run: @MainLoop () async throws(Complaint) -> Void) async -> CInt {
        do throws(Complaint) {
            try await run()
            return EX_OK
        } catch {
            complain(error.description)
            return EX_UNAVAILABLE
        }
    }

    /// One line on the standard error, after the program's name.
    private static func complain(_ line: String) {
        let text = "framewatch: \(line)\n"
        // If nobody reads the standard error, nobody can be told.
        _ = write(STDERR_FILENO, text, text.utf8.count)
    }
}
