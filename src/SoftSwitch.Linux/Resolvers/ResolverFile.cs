using System.Net;

namespace SoftSwitch.Linux.Resolvers;

/// <summary>
/// The resolvers of the host, as its own programs find them (resolv.conf(5)): in <c>/etc/resolv.conf</c>, in their order, the first three.
/// Where systemd-resolved stands there alone (127.0.0.53), those that it asks are meant, as it writes them down for others. The file is
/// read when somebody asks, once a second at most. For one thread.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="behindStub">Where systemd-resolved writes whom it asks.</param>
public sealed class ResolverFile(string path = "/etc/resolv.conf", string behindStub = "/run/systemd/resolve/resolv.conf")
{
    /// <summary>As many as the C library takes (MAXNS of resolv.h).</summary>
    private const int Most = 3;

    private const int MostBytes = 64 * 1024;

    private const long MillisecondsBetweenReads = 1000;

    private static readonly IPAddress s_stub = new([127, 0, 0, 53]);

    private IReadOnlyList<IPAddress> _servers = [];
    private long _readAt = long.MinValue / 2;

    /// <summary>Those that are to be asked now.</summary>
    /// <param name="now">In milliseconds.</param>
    /// <returns>Where the file says none, the host itself.</returns>
    public IReadOnlyList<IPAddress> Servers(long now)
    {
        if (now - _readAt < MillisecondsBetweenReads)
            return _servers;
        _readAt = now;
        _servers = Read(path) is { Count: > 0 } servers ? servers : [IPAddress.Loopback];
        if (_servers.All(server => server.Equals(s_stub)) && Read(behindStub) is { Count: > 0 } behind)
            _servers = behind;
        return _servers;
    }

    private static List<IPAddress> Read(string path)
    {
        var servers = new List<IPAddress>(Most);
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[MostBytes];
            var length = file.ReadAtLeast(bytes, MostBytes, throwOnEndOfStream: false);
            foreach (var line in System.Text.Encoding.Latin1.GetString(bytes, 0, length).Split('\n'))
            {
                if (line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries) is ["nameserver", var text, ..]
                    && IPAddress.TryParse(text.Split('#', ';')[0], out var server) && servers.Count < Most)
                    servers.Add(server.IsIPv4MappedToIPv6 ? server.MapToIPv4() : server);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nobody is written down there.
        }
        return servers;
    }
}
