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
        case .relay(let configuration): return await serve(.relay, configuration)
        case .run(let configuration): return await serve(.receive, configuration)
        case .camera(let options): return await play(options)
        case .unavailable(let command): return unavailable("\(command) comes with a later version")
        }
    }

    @MainLoop
    private static func serve(_ job: Service.Job, _ configuration: Configuration) async -> CInt {
        do throws(Complaint) {
            try await Service(job, configuration).run()
            return EX_OK
        } catch {
            complain(error.description)
            return EX_UNAVAILABLE
        }
    }

    @MainLoop
    private static func play(_ options: CameraOptions) async -> CInt {
        do throws(Complaint) {
            try await CameraService(options).run()
            return EX_OK
        } catch {
            complain(error.description)
            return EX_UNAVAILABLE
        }
    }

    private static func unavailable(_ why: String) -> CInt {
        complain(why)
        return EX_UNAVAILABLE
    }

    /// One line on the standard error, after the program's name.
    private static func complain(_ line: String) {
        let text = "framewatch: \(line)\n"
        // Where nobody reads the standard error, nobody can be told.
        _ = write(STDERR_FILENO, text, text.utf8.count)
    }
}
