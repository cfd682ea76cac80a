namespace Poolhouse.Server;

static class Program
{
    static int Main() => 0;
}
