namespace SoftSwitch.Linux.HostFacts;

/// <summary>Finds the process that holds a tap's descriptor, in /proc (proc_pid_fdinfo(5)); only of processes that the caller may look
/// into, and only in the calling thread's namespace: a tap elsewhere may have the same name.</summary>
internal static class TapHolder
{
    private const string Device = "/dev/net/tun";

    /// <summary><c>qemu-system-x86 (pid 812)</c>, or null.</summary>
    internal static string? Find(string tap) =>
        SocketOwner.FindProcess(process => Namespace(process) == Namespace("/proc/thread-self") && Holds(process, $"iff:\t{tap}"));

    private static string? Namespace(string process) => new FileInfo(process + "/ns/net").LinkTarget;

    private static bool Holds(string process, string line) => Directory.EnumerateFiles(process + "/fd")
        .Where(fd => new FileInfo(fd).LinkTarget == Device)
        .Any(fd => File.ReadLines($"{process}/fdinfo/{Path.GetFileName(fd)}").Contains(line));
}
