using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Privileges;

namespace SoftSwitch.Linux.Children;

/// <summary>Starts this program as another process, for one task (posix_spawn(3)). What a process may do is decided when it is executed: so
/// it is started by a thread that has given up all else, and each of its threads has no more.</summary>
internal static unsafe class ChildStart
{
    /// <summary>Where the process has its end of the socket.</summary>
    internal const int SocketNumber = 3;

    private const int OpaqueSize = 512;

    /// <summary>Few objects are ever made there, and none lives. A managed heap takes address space and memory by these.</summary>
    private static readonly string[] s_environment =
        ["DOTNET_GCHeapHardLimit=1000000", "DOTNET_GCgen0size=100000", "DOTNET_gcConcurrent=0"];

    /// <summary>Starts it, in a session of its own, with nothing open but its end of the socket.</summary>
    /// <param name="socket">Its end.</param>
    /// <param name="rights">What it is to have, as far as this process has it.</param>
    /// <param name="words">The command line.</param>
    /// <returns>Its pid.</returns>
    /// <exception cref="SystemCallException">It can't be started.</exception>
    internal static int Start(ChildSocket socket, Capability[] rights, params string[] words)
    {
        var started = new TaskCompletionSource<int>();
        var thread = new Thread(() =>
        {
            try
            {
                Capabilities.KeepOnlyAcrossExecution(rights);
                started.SetResult(Spawn(socket.Fd, [.. OwnProgram.Words, .. words]));
            }
            catch (SystemCallException e)
            {
                started.SetException(e);
            }
        });
        thread.Start();
        thread.Join();
        return started.Task.GetAwaiter().GetResult();
    }

    private static int Spawn(int socket, string[] words)
    {
        var actions = stackalloc byte[OpaqueSize];
        var attributes = stackalloc byte[OpaqueSize];
        _ = Libc.posix_spawn_file_actions_init(actions);
        _ = Libc.posix_spawnattr_init(attributes);
        try
        {
            for (var stream = 0; stream < SocketNumber; stream++)
                _ = Libc.posix_spawn_file_actions_addopen(actions, stream, "/dev/null", Fcntl.O_RDWR, 0);
            _ = Libc.posix_spawn_file_actions_adddup2(actions, socket, SocketNumber);
            CloseOthers(actions);
            _ = Libc.posix_spawnattr_setflags(attributes, SysProcess.POSIX_SPAWN_SETSID);
            using var arguments = new CStrings(words);
            using var environment = new CStrings([.. s_environment, .. RuntimeRoot()]);
            int pid;
            var errno = Libc.posix_spawn(&pid, arguments.First, actions, attributes, arguments.List, environment.List);
            return errno == 0 ? pid : throw new SystemCallException("posix_spawn", errno, words[0]);
        }
        finally
        {
            _ = Libc.posix_spawnattr_destroy(attributes);
            _ = Libc.posix_spawn_file_actions_destroy(actions);
        }
    }

    /// <summary>Ours are closed by the execution; those that we have inherited ourselves are closed where the C library can (glibc
    /// 2.34).</summary>
    private static void CloseOthers(void* actions)
    {
        if (NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "posix_spawn_file_actions_addclosefrom_np", out var close))
            _ = ((delegate* unmanaged<void*, int, int>)close)(actions, SocketNumber + 1);
    }

    /// <summary>Where an executable that isn't whole finds its runtime.</summary>
    private static IEnumerable<string> RuntimeRoot() =>
        Environment.GetEnvironmentVariable("DOTNET_ROOT") is { } root ? [$"DOTNET_ROOT={root}"] : [];
}
