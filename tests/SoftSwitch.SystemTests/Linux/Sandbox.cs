using SoftSwitch.Linux;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;

namespace SoftSwitch.SystemTests.Linux;

/// <summary>A namespace of the test's own, gone with it; nothing a test does in there touches the machine.</summary>
internal sealed class Sandbox : IDisposable
{
    private Sandbox()
    {
        Namespace = NetworkNamespace.CreateUnnamed();
        Links = new(Namespace);
    }

    internal NetworkNamespace Namespace { get; }

    internal Links Links { get; }

    /// <summary>Skips the test where the kernel lets us make no namespace.</summary>
    internal static Sandbox Make()
    {
        try
        {
            return new();
        }
        catch (SystemCallException e) when (e.ErrorNumber is Errno.EPERM or Errno.ENOSYS or Errno.ENOSPC)
        {
            Assert.Skip("needs root, or: unshare --user --map-root-user --net dotnet run ...");
            throw;
        }
    }

    internal static void NeedsTun()
    {
        if (!File.Exists("/dev/net/tun"))
            Assert.Skip("needs /dev/net/tun: modprobe tun");
    }

    internal static void NeedsRoot()
    {
        if (Libc.geteuid() != 0)
            Assert.Skip("needs root");
    }

    public void Dispose()
    {
        Links.Dispose();
        Namespace.Dispose();
    }
}
