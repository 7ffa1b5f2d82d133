using System.Net.Sockets;
using SoftSwitch.Api;
using SoftSwitch.Linux.Control;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Tests.Api;

public sealed class ControlSocketTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ss");

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task The_socket_is_for_its_user_and_group_only()
    {
        await using var server = await ControlServer.StartAsync(
            ControlSocket.Bind(PathOf("s")), new SampleSwitch().Look, [], new SampleChanges());
        Assert.Equal(Private, File.GetUnixFileMode(server.Path));
    }

    [Fact]
    public void From_its_first_moment_it_has_its_mode_clients_wait_and_a_second_start_is_refused()
    {
        using var socket = ControlSocket.Bind(PathOf("s"));
        Assert.Equal(Private, File.GetUnixFileMode(socket.Path));
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(socket.Path));
        var refused = Assert.Throws<ControlSocketException>(() => ControlSocket.Bind(PathOf("s")));
        Assert.Contains($"(process {Environment.ProcessId}, ", refused.Message);
    }

    [Fact]
    public async Task Socket_and_directory_are_made_and_taken_away_again()
    {
        var path = PathOf("made/s");
        await using (await ControlServer.StartAsync(ControlSocket.Bind(path), new SampleSwitch().Look, [], new SampleChanges()))
            Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(PathOf("made")));
        Assert.False(Path.Exists(PathOf("made")));
    }

    [Fact]
    public async Task Nothing_else_is_left_beside_the_socket()
    {
        await using (await ControlServer.StartAsync(ControlSocket.Bind(PathOf("s")), new SampleSwitch().Look, [], new SampleChanges()))
            Assert.Equal([PathOf("s")], Directory.GetFileSystemEntries(_directory.FullName));
        Assert.Empty(Directory.GetFileSystemEntries(_directory.FullName));
    }

    [Fact]
    public async Task The_socket_of_a_dead_process_is_replaced()
    {
        // As kill -9 leaves it: the name stays, nobody listens.
        var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        dead.Bind(new UnixDomainSocketEndPoint(PathOf("dead")));
        File.Move(PathOf("dead"), PathOf("s"));
        dead.Dispose();
        Assert.True(Path.Exists(PathOf("s")));

        await using var server = await ControlServer.StartAsync(
            ControlSocket.Bind(PathOf("s")), new SampleSwitch().Look, [], new SampleChanges());
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(PathOf("s")), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_socket_of_a_running_switch_is_left_alone()
    {
        await using var first = await ControlServer.StartAsync(
            ControlSocket.Bind(PathOf("s")), new SampleSwitch().Look, [], new SampleChanges());
        var refused = await Assert.ThrowsAsync<ControlSocketException>(() =>
            ControlServer.StartAsync(ControlSocket.Bind(PathOf("s")), new SampleSwitch().Look, [], new SampleChanges()));
        // It is this process that answers, and it isn't called softswitch.
        var name = File.ReadAllText("/proc/self/comm").TrimEnd();
        Assert.StartsWith($"another softswitch answers on {PathOf("s")} (process {Environment.ProcessId}, {name}); end it",
            refused.Message);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(PathOf("s")), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Whoever_holds_the_folder_or_left_its_lock_by_a_kill_keeps_no_switch_from_starting()
    {
        // flock(2) asks for no more than a folder that one may read.
        var held = Libc.open(_directory.FullName, Fcntl.O_RDONLY | Fcntl.O_CLOEXEC);
        Assert.Equal(0, Libc.flock(held, Fcntl.LOCK_EX | Fcntl.LOCK_NB));
        File.WriteAllText(PathOf(".s.lock"), "");
        try
        {
            using var socket = ControlSocket.Bind(PathOf("s"));
            Assert.Equal([socket.Path], Directory.GetFileSystemEntries(_directory.FullName));
        }
        finally
        {
            _ = Libc.close(held);
        }
    }

    [Fact]
    public async Task Of_many_that_start_at_once_one_runs()
    {
        var bound = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            try
            {
                return ControlSocket.Bind(PathOf("s"));
            }
            catch (ControlSocketException)
            {
                return null;
            }
        })));
        using var one = Assert.Single(bound, socket => socket is not null);
        Assert.Equal([PathOf("s")], Directory.GetFileSystemEntries(_directory.FullName));
    }

    [Fact]
    public void A_file_that_is_no_socket_is_left_alone()
    {
        File.WriteAllText(PathOf("s"), "precious");
        var refused = Assert.Throws<ControlSocketException>(() => ControlSocket.Bind(PathOf("s")));
        Assert.Contains("is not a socket", refused.Message);
        Assert.Equal("precious", File.ReadAllText(PathOf("s")));
    }

    [Fact]
    public void The_name_of_a_successor_is_not_taken_away()
    {
        var first = ControlSocket.Bind(PathOf("s"));
        // It no longer answers, so that the place is free.
        first.Listener.Close();
        using var second = ControlSocket.Bind(PathOf("s"));
        first.Dispose();
        Assert.True(Path.Exists(PathOf("s")));
    }

    [Fact]
    public void A_path_too_long_for_the_kernel_is_refused_with_the_limit()
    {
        var refused = Assert.Throws<ControlSocketException>(() => ControlSocket.Bind(PathOf(new string('s', 108))));
        Assert.Contains("the kernel takes 107 bytes", refused.Message);
    }

    [Fact]
    public void Only_root_our_own_user_and_the_group_are_admitted()
    {
        using var socket = ControlSocket.Bind(PathOf("s"));
        var stranger = ControlSocket.CurrentUser + 1;
        var otherGroup = socket.Group + 1;
        Assert.True(socket.Admits(new(1, 0, otherGroup, [])));
        Assert.True(socket.Admits(new(1, ControlSocket.CurrentUser, otherGroup, [])));
        Assert.True(socket.Admits(new(1, stranger, socket.Group, [])));
        Assert.True(socket.Admits(new(1, stranger, otherGroup, [otherGroup, socket.Group])));
        Assert.False(socket.Admits(new(1, stranger, otherGroup, [otherGroup])));
    }

    [Fact]
    public async Task The_kernel_says_who_is_at_the_other_end()
    {
        using var socket = ControlSocket.Bind(PathOf("s"));
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(PathOf("s")), TestContext.Current.CancellationToken);
        using var accepted = await socket.Listener.AcceptAsync(TestContext.Current.CancellationToken);
        var peer = PeerCredentials.Of(accepted);
        Assert.Equal(Environment.ProcessId, peer.Process);
        Assert.Equal(ControlSocket.CurrentUser, peer.User);
    }

    [Fact]
    public void A_group_is_found_by_its_name()
    {
        var file = PathOf("group");
        File.WriteAllText(file, "root:x:0:\nbroken\nsoftswitch-old:x:7:\nsoftswitch:x:990:ann,bob\n");
        Assert.Equal(990u, LocalGroup.Find("softswitch", file));
        Assert.Null(LocalGroup.Find("nobody-here", file));
        Assert.Null(LocalGroup.Find("softswitch", PathOf("missing")));
    }
}
