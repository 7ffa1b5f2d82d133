using System.ComponentModel;
using System.Diagnostics;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux;

/// <summary>This program, to be started again.</summary>
public static class OwnProgram
{
    /// <summary>Of what is answered so much is read: it is a line.</summary>
    private const int LongestAnswer = 4096;

    /// <summary>What was said comes with the end; whoever the program has started may hold its output open much longer.</summary>
    private const int LastMilliseconds = 1000;

    private static readonly Lazy<string?> s_path = new(() => StartedPath.Find() ?? Environment.ProcessPath);

    /// <summary>Where it was started: as it was named then, where that can be trusted, else where that led. Another may be there by now: so
    /// it is looked up once, and early (<see cref="Remember"/>).</summary>
    /// <exception cref="SystemCallException">There is no procfs.</exception>
    public static string Path => s_path.Value ?? throw new SystemCallException("readlink", Errno.ENOENT, "/proc/self/exe", "mount /proc");

    /// <summary>The executable's path, and what must follow it before any argument: built to run on an installed runtime, the process is
    /// <c>dotnet</c> and its first argument the program.</summary>
    /// <exception cref="SystemCallException">There is no procfs.</exception>
    internal static string[] Words =>
        System.IO.Path.GetFileName(Environment.ProcessPath) == "dotnet" ? [Path, Environment.GetCommandLineArgs()[0]] : [Path];

    /// <summary>Keeps the path for when the file there is replaced.</summary>
    public static void Remember() => _ = s_path.Value;

    /// <summary>Starts what is at its path, as a process of its own, asks it something and waits for the answer.</summary>
    /// <param name="words">The arguments.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="milliseconds">How long it may take.</param>
    /// <param name="status">How it has ended.</param>
    /// <param name="answer">The first line that it said; empty: none.</param>
    /// <returns>Why there is no answer; null: there is one.</returns>
    public static string? Ask(string[] words, string input, int milliseconds, out int status, out string answer)
    {
        (status, answer) = (-1, "");
        try
        {
            string[] all = [.. Words, .. words];
            var start = new ProcessStartInfo(all[0], all[1..])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            };
            using var program = Process.Start(start)!;
            var said = ReadLine(program.StandardOutput);
            program.StandardError.Close();
            // One that doesn't read must not be waited for.
            _ = program.StandardInput.WriteAsync(input).ContinueWith(_ => program.StandardInput.Dispose(), TaskScheduler.Default);
            var hasEnded = program.WaitForExit(milliseconds);
            if (!hasEnded)
                program.Kill();
            if (!hasEnded || !said.Wait(LastMilliseconds))
                return $"the program at {all[0]} doesn't answer whether it can go on";
            (status, answer) = (program.ExitCode, said.Result);
            return null;
        }
        catch (Win32Exception e)
        {
            return $"the program can't be started: {new SystemCallException("execve", e.NativeErrorCode, Path,
                "install it there once more, whole and executable").Message}";
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or SystemCallException)
        {
            return $"the program can't be started: {e.Message}";
        }
    }

    /// <summary>One that says more isn't read to its end: nothing that it says is kept.</summary>
    private static async Task<string> ReadLine(StreamReader from)
    {
        var (letters, count) = (new char[LongestAnswer], 0);
        try
        {
            while (count < letters.Length && !letters.AsSpan(0, count).Contains('\n')
                && await from.ReadAsync(letters.AsMemory(count)).ConfigureAwait(false) is > 0 and var more)
                count += more;
        }
        catch (IOException)
        {
            // What came before counts.
        }
        return new string(letters, 0, count).Split('\n')[0].TrimEnd('\r');
    }
}
