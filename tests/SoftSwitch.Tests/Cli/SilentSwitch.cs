using System.Net.Sockets;

namespace SoftSwitch.Tests.Cli;

/// <summary>A switch that is there and says nothing.</summary>
internal sealed class SilentSwitch : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ss");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public SilentSwitch()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen(8);
    }

    public string Path => System.IO.Path.Combine(_folder.FullName, "s");

    public bool WasAsked => _listener.Poll(0, SelectMode.SelectRead);

    public void Dispose()
    {
        _listener.Dispose();
        _folder.Delete(recursive: true);
    }
}
