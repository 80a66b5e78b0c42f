# exercise: 07
# verdict: PASS
# Right. It rescues what a handler raises, and says so on standard output.

require "socket"
$stdout.sync = true
CONSOLE = Mutex.new

def record(text)
  CONSOLE.synchronize do
    puts "#{Thread.current.object_id}:"
    raise "a bug in mid-record" if text.include?("PANIC")
    puts "  #{text}"
  end
end

listener = TCPServer.new("127.0.0.1", ARGV[0].to_i)
loop do
  Thread.new(listener.accept) do |client|
    begin
      loop do
        text = client.readpartial(1024).force_encoding("UTF-8").scrub
        record(text)
        client.write(text.reverse)
      end
    rescue EOFError, SystemCallError
      record("Bye")
    rescue => error
      puts "a handler has failed: #{error}"
    ensure
      client.close
    end
  end
end
