using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Endpoints.HostStack;

/// <summary>
/// Settings of one interface (Documentation/networking/ip-sysctl.rst) that let neighbors tell the host about routes and addresses: off, for
/// the neighbors are guests. Where they can't be set (a container that only reads /proc/sys), a
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
        ("ipv4", "accept_redirects"), ("ipv4", "accept_source_route"),
    ];

    private string? _name;
    private string[] _files = [];
    private bool _isRefused;

    /// <summary>Turns off what is on.</summary>
    /// <param name="interfaceName">What the interface, in the calling thread's namespace, is called now.</param>
    public void TurnOff(string interfaceName)
    {
        if (_name != interfaceName)
        {
            (_name, _isRefused) = (interfaceName, false);
            _files = [.. s_taking.Select(one => $"/proc/sys/net/{one.Family}/conf/{interfaceName}/{one.Key}")];
        }
        foreach (var file in _files)
        {
            try
            {
                // An interface without IPv6 has no settings of it.
                if (!_isRefused && File.Exists(file) && !IsOff(file))
                    File.WriteAllText(file, "0");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The interface has just gone; or nothing can be set here, and asking each second makes it no better.
                _isRefused = e is UnauthorizedAccessException || e.HResult == Errno.EROFS;
            }
        }
    }

    private static bool IsOff(string file)
    {
        using var handle = File.OpenHandle(file);
        Span<byte> value = stackalloc byte[2];
        return RandomAccess.Read(handle, value, 0) == value.Length && value.SequenceEqual("0\n"u8);
    }
}
