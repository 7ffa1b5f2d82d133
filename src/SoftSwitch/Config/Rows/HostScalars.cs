using System.Text;

namespace SoftSwitch.Config.Rows;

/// <summary>The types of the configuration language that are about the machine: interfaces, namespaces, users, paths, sockets.</summary>
internal static class HostScalars
{
    /// <summary>sun_path of sockaddr_un (linux/un.h) with its closing zero.</summary>
    private const int UnixPathMax = 108;

    /// <summary>IFNAMSIZ (linux/if.h) without its closing zero.</summary>
    public const int LongestInterface = 15;

    /// <summary>PATH_MAX (linux/limits.h) with its closing zero.</summary>
    private const int PathMax = 4096;

    /// <summary>PID_MAX_LIMIT (linux/threads.h).</summary>
    private const int PidMax = 4 * 1024 * 1024;

    public static ScalarType<string> Interface { get; } = new("an interface name: at most 15 visible characters, without '/', ':' and '%'",
        ParseInterface);

    public static ScalarType<string> Netns { get; } = new("a network namespace: its name, the absolute path of its file, or a pid",
        ParseNetns);

    public static ScalarType<string> Owner { get; } = new("a user: a name or a uid", ParseOwner);

    public static ScalarType<string> Folder { get; } = new("a folder: an absolute path such as /var/lib/softswitch", ParsePath);

    public static ScalarType<string> File { get; } = new("a file: an absolute path such as /var/log/softswitch/flows.log",
        (string text, out string value) => ParsePath(text, out value) && !text.EndsWith('/'));

    public static ScalarType<string> Socket { get; } =
        new("a socket: an absolute path shorter than 108 bytes, such as /run/softswitch/vm.sock", ParseSocket);

    public static ScalarType<string> SocketOrEndpoint { get; } =
        new("a socket: an absolute path shorter than 108 bytes, or an address with a port such as 127.0.0.1:5000",
            (string text, out string value) => ParseSocket(text, out value) || ParseEndpoint(text, out _));

    public static ScalarType<string> Listen { get; } =
        new("a loopback address with a port, such as 127.0.0.1:8080", (string text, out string value) =>
            ParseEndpoint(value = text, out var host) && IsLoopback(host));

    private static bool ParseInterface(string text, out string value)
    {
        value = text;
        // What the kernel refuses (dev_valid_name), and what it or a reader would take for something else.
        return text.Length is > 0 and <= LongestInterface && text is not ("." or "..")
            && text.All(character => character is > ' ' and < (char)127 and not ('/' or ':' or '%'));
    }

    private static bool ParseNetns(string text, out string value)
    {
        value = text;
        if (text.Length > 0 && text.All(char.IsAsciiDigit))
            return PlainScalars.ParseNumber(text, 1, PidMax, out _);
        return text.StartsWith('/') ? ParsePath(text, out value) : text.Length is > 0 and <= 255 && IsFileName(text);
    }

    private static bool IsFileName(string text) =>
        text is not ("." or "..") && text.All(character => character is > ' ' and not ('/' or (char)127) && IsWritable(character));

    /// <summary>What YAML and JSON both can write in quotes the same way: JSON has no single escape for what lies beyond U+FFFF.</summary>
    private static bool IsWritable(char character) => !char.IsControl(character) && !char.IsSurrogate(character);

    /// <summary>What useradd accepts, a little wider; or a uid, of which the highest means "nobody given".</summary>
    private static bool ParseOwner(string text, out string value)
    {
        value = text;
        if (text.Length > 0 && text.All(char.IsAsciiDigit))
            return uint.TryParse(text, out var uid) && uid != uint.MaxValue && (text.Length == 1 || text[0] != '0');
        return text.Length is > 0 and <= 32 && !char.IsAsciiDigit(text[0]) && text[0] != '-'
            && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.' or '$' or '@');
    }

    private static bool ParsePath(string text, out string value)
    {
        value = text;
        return text.StartsWith('/') && Encoding.UTF8.GetByteCount(text) < PathMax && text.All(IsWritable);
    }

    private static bool ParseSocket(string text, out string value) =>
        ParsePath(text, out value) && text.Length > 1 && !text.EndsWith('/') && Encoding.UTF8.GetByteCount(text) < UnixPathMax;

    private static bool ParseEndpoint(string text, out string host)
    {
        var colon = text.LastIndexOf(':');
        host = colon < 0 ? "" : text[..colon];
        if (!PlainScalars.ParseNumber(text.AsSpan(colon + 1), 1, 65535, out _))
            return false;
        if (host.StartsWith('[') && host.EndsWith(']'))
            return System.Net.IPAddress.TryParse(host.AsSpan(1, host.Length - 2), out var six)
                && six.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        var isAddress = host.Length > 0 && host.All(character => char.IsAsciiDigit(character) || character == '.');
        return isAddress
            ? Packets.Ipv4Address.TryParse(host, out _)
            : host.Length is > 0 and <= 253 && host.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.');
    }

    private static bool IsLoopback(string host) => host is "localhost" or "[::1]"
        || (Packets.Ipv4Address.TryParse(host, out var address) && address.Value >> 24 == 127);
}
