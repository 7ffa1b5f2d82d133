using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux;

/// <summary>This program, to be started again.</summary>
internal static class OwnProgram
{
    /// <summary>The executable's path, and what must follow it before any argument: built to run on an installed runtime, the process is
    /// <c>dotnet</c> and its first argument the program.</summary>
    /// <exception cref="SystemCallException">There is no procfs.</exception>
    public static string[] Words
    {
        get
        {
            var path = Environment.ProcessPath ?? throw new SystemCallException("readlink", Errno.ENOENT, "/proc/self/exe", "mount /proc");
            return Path.GetFileName(path) == "dotnet" ? [path, Environment.GetCommandLineArgs()[0]] : [path];
        }
    }
}
