using System.Net.Sockets;
using System.Text;

namespace SoftSwitch.Tests.Cli;

public sealed class CrowdedSocketTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ss");
    private readonly List<Socket> _crowd = [];

    private string Path => System.IO.Path.Combine(_folder.FullName, "s");

    public void Dispose()
    {
        _crowd.ForEach(one => one.Dispose());
        _folder.Delete(recursive: true);
    }

    /// <summary>Others connect faster than the switch can take them in, and the kernel turns away who doesn't wait.</summary>
    [Fact]
    public async Task A_command_waits_until_it_is_let_in()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var listener = New();
        listener.Bind(new UnixDomainSocketEndPoint(Path));
        listener.Listen(1);
        while (Fills())
        {
        }
        var asking = CommandRun.Of("show", "ports", "--socket", Path);
        // Who is turned away knows it long before.
        Assert.NotSame(asking, await Task.WhenAny(asking, Task.Delay(TimeSpan.FromSeconds(0.5), cancel)));
        foreach (var _ in _crowd)
            (await listener.AcceptAsync(cancel)).Dispose();
        var accepting = listener.AcceptAsync(cancel).AsTask();
        Assert.True(await Task.WhenAny(accepting, asking) == accepting, asking.IsCompleted ? (await asking).Error : "");
        using var asked = await accepting;
        await asked.ReceiveAsync(new byte[4096], cancel);
        const string answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"items\":[]}";
        await asked.SendAsync(Encoding.ASCII.GetBytes(answer), cancel);
        Assert.Equal(0, (await asking).Status);
    }

    private bool Fills()
    {
        var one = New();
        _crowd.Add(one);
        one.Blocking = false;
        try
        {
            one.Connect(new UnixDomainSocketEndPoint(Path));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
        {
            _crowd.Remove(one);
            one.Dispose();
            return false;
        }
    }

    private static Socket New() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
}
