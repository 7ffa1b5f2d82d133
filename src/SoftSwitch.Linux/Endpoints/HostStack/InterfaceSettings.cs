using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Endpoints.HostStack;

/// <summary>
/// Settings of one interface (Documentation/networking/ip-sysctl.rst) that let neighbors tell the host about routes and addresses, or make
/// the host their router: off, for the neighbors are guests. Where they can't be set (a container that only reads /proc/sys), a
/// <see cref="Forwarding.Bridging.HostGate"/> keeps the same from the host.
/// <para>
/// <c>secure_redirects</c> and <c>shared_media</c> only say which redirects are taken, and none is. IPv4's <c>accept_redirects</c> counts
/// only with that of all interfaces while the host doesn't forward: that one isn't ours.
/// </para>
/// </summary>
internal sealed class InterfaceSettings
{
    private static readonly (string Family, string Key)[] s_taking =
    [
        ("ipv6", "accept_ra"), ("ipv6", "autoconf"), ("ipv6", "accept_redirects"),
        ("ipv4", "accept_redirects"), ("ipv4", "accept_source_route"), ("ipv4", "forwarding"), ("ipv6", "forwarding"),
    ];

    private string? _name;
    private string[] _files = [];

    /// <summary>What is on and can't be turned off, for people; null: nothing is.</summary>
    public string? Refused { get; private set; }

    /// <summary>Turns off what is on.</summary>
    /// <param name="interfaceName">What the interface, in the calling thread's namespace, is called now.</param>
    public void TurnOff(string interfaceName)
    {
        if (_name != interfaceName)
        {
            (_name, Refused) = (interfaceName, null);
            _files = [.. s_taking.Select(one => $"/proc/sys/net/{one.Family}/conf/{interfaceName}/{one.Key}")];
        }
        // Where nothing can be set, asking each second makes it no better.
        if (Refused is not null)
            return;
        List<string>? on = null;
        foreach (var file in _files)
        {
            try
            {
                if (!IsOff(file))
                    File.WriteAllText(file, "0");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Else the interface has just gone.
                if (e is UnauthorizedAccessException || e.HResult == Errno.EROFS)
                    (on ??= []).Add(file["/proc/sys/".Length..]);
            }
        }
        if (on is not null)
            Refused = $"these settings are on and can't be turned off here: {string.Join(", ", on)}; the switch keeps from the host what "
                + "guests would tell it by them; turn them off where /proc/sys can be written";
    }

    /// <summary>Looks, with three system calls: there may be thousands of interfaces, each with seven of these, each second. An interface
    /// without IPv6 has no settings of it.</summary>
    private static unsafe bool IsOff(string file)
    {
        var descriptor = Libc.open(file, Fcntl.O_RDONLY | Fcntl.O_CLOEXEC);
        if (descriptor < 0)
            return Marshal.GetLastPInvokeError() == Errno.ENOENT;
        var value = stackalloc byte[2];
        var length = Libc.read(descriptor, value, 2);
        _ = Libc.close(descriptor);
        return new ReadOnlySpan<byte>(value, (int)nint.Max(length, 0)).SequenceEqual("0\n"u8);
    }
}
