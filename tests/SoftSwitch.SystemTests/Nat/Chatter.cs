using System.Net.Sockets;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Conversations that go on all the while, each question with a number that comes back: none may end, be late by seconds, or lose
/// a byte.</summary>
internal sealed class Chatter : IDisposable
{
    private readonly Conversation[] _all;
    private readonly Thread[] _threads;
    private volatile bool _stopping;
    private volatile string? _lost;
    private int _answers;

    public Chatter(params Conversation[] conversations)
    {
        _all = conversations;
        Assert.All(_all, conversation => Assert.Equal(SocketError.Success, conversation.Error));
        _threads = [.. _all.Select(conversation => new Thread(() => Talk(conversation)) { IsBackground = true })];
        Array.ForEach(_threads, thread => thread.Start());
    }

    /// <summary>Answers so far.</summary>
    public int Answers => Volatile.Read(ref _answers);

    /// <summary>What became of the first that ended; null: all go on.</summary>
    public string? Lost => _lost;

    public void Dispose()
    {
        _stopping = true;
        Array.ForEach(_threads, thread => thread.Join());
        Array.ForEach(_all, conversation => conversation.Dispose());
    }

    private void Talk(Conversation conversation)
    {
        string? first = null;
        while (!_stopping && _lost is null)
        {
            var seen = conversation.Ask(seconds: 10, bytes: 900);
            first ??= seen;
            if (seen is null || seen != first)
                _lost ??= $"port {conversation.Port}: {conversation.Error}, seen as {seen ?? "nobody"}, was {first}";
            else
                Interlocked.Increment(ref _answers);
        }
    }
}
